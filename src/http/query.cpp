#include "http/query.h"

#include <algorithm>

namespace spate::http {

std::optional<Parameter> QueryReader::next() {
    while (!rest_.empty()) {
        const std::string_view pair = rest_.substr(0, rest_.find_first_of(separators_));
        rest_.remove_prefix(std::min(pair.size() + 1, rest_.size()));
        if (pair.empty()) continue;
        const auto equals = pair.find('=');
        if (equals == pair.npos) return Parameter{pair, std::nullopt};
        return Parameter{pair.substr(0, equals), pair.substr(equals + 1)};
    }
    return std::nullopt;
}

std::optional<std::string> query_value(std::string_view raw, std::string_view key, Plus plus) {
    QueryReader reader(raw);
    while (const auto parameter = reader.next()) {
        if (parameter->key != key) continue;
        return parameter->value ? percent_decoded(*parameter->value, plus) : std::nullopt;
    }
    return std::nullopt;
}

}  // namespace spate::http
