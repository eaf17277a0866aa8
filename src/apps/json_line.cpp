#include "apps/json_line.h"

#include <boost/json/serialize.hpp>
#include <cstdio>

#include "base/utf8.h"

namespace spate::apps {

boost::json::string json_text(std::string_view text) {
    if (is_utf8(text)) return boost::json::string(text);
    boost::json::string clean;
    while (!text.empty()) {
        const auto character = decode_utf8(text);
        const std::size_t length = character ? character->bytes : 1;
        clean.append(character ? text.substr(0, length) : std::string_view("\xef\xbf\xbd"));
        text.remove_prefix(length);
    }
    return clean;
}

std::string json_line(const boost::json::object& object) {
    return boost::json::serialize(object);
}

void print_json_line(const boost::json::object& object) {
    const auto text = json_line(object);
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fputc('\n', stdout);
    std::fflush(stdout);
}

}  // namespace spate::apps
