#include "metainfo/fields.h"

namespace spate::metainfo {

Result<std::optional<std::int64_t>> Fields::integer(std::string_view key) const {
    const auto value = find(key);
    if (!value) return std::optional<std::int64_t>{};
    if (!value->integer()) return refuse_key(key, "must be an integer");
    return value->integer();
}

Result<std::optional<std::string_view>> Fields::string(std::string_view key) const {
    const auto value = find(key);
    if (!value) return std::optional<std::string_view>{};
    if (!value->string()) return refuse_key(key, "must be a string");
    return value->string();
}

Result<std::optional<bencode::Elements>> Fields::list(std::string_view key) const {
    const auto value = find(key);
    if (!value) return std::optional<bencode::Elements>{};
    if (!value->list()) return refuse_key(key, "must be a list");
    return value->list();
}

Result<std::int64_t> Fields::required_integer(std::string_view key) const {
    const auto value = integer(key);
    if (!value) return fail(value.error());
    if (!*value) return refuse_key(key, "is missing");
    return **value;
}

Result<std::string_view> Fields::required_string(std::string_view key) const {
    const auto value = string(key);
    if (!value) return fail(value.error());
    if (!*value) return refuse_key(key, "is missing");
    return **value;
}

}  // namespace spate::metainfo
