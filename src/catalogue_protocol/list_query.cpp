#include "catalogue_protocol/list_query.h"

#include <algorithm>
#include <array>

#include "base/parse_number.h"
#include "http/query.h"

namespace spate::catalogue_protocol {

namespace {

constexpr std::array<std::string_view, 3> order_words{"name", "size", "age"};

std::unexpected<Error> bad(std::string_view key, std::string detail) {
    return fail(Error::invalid("list", std::string(key), std::move(detail)));
}

}  // namespace

Result<ListQuery> read_list_query(std::string_view raw) {
    ListQuery query;
    http::QueryReader reader(raw);
    while (const auto parameter = reader.next()) {
        const bool known = parameter->key == "search" || parameter->key == "sort" ||
                           parameter->key == "limit" || parameter->key == "after";
        if (!known) continue;
        auto value = http::percent_decoded(parameter->value.value_or(""), http::Plus::is_blank);
        if (!value) return bad(parameter->key, "a broken escape");
        if (parameter->key == "search") {
            if (value->size() > search_bytes_max) return bad("search", "it is too long");
            query.search = std::move(*value);
        } else if (parameter->key == "after") {
            query.after = std::move(*value);
        } else if (parameter->key == "sort") {
            const auto found = std::ranges::find(order_words, *value);
            if (found == order_words.end()) return bad("sort", "it is one of name, size, age");
            query.order = static_cast<ListOrder>(found - order_words.begin());
        } else {
            const auto limit = parse_number<std::size_t>(*value);
            if (!limit || *limit == 0) return bad("limit", "it is a number from 1 on");
            query.limit = std::min(*limit, page_entries_max);
        }
    }
    return query;
}

std::string write_list_query(const ListQuery& query) {
    std::string text = "sort=" + std::string(order_words[static_cast<std::size_t>(query.order)]) +
                       "&limit=" + std::to_string(query.limit);
    if (!query.search.empty()) text += "&search=" + http::percent_encoded(query.search);
    if (!query.after.empty()) text += "&after=" + http::percent_encoded(query.after);
    return text;
}

}  // namespace spate::catalogue_protocol
