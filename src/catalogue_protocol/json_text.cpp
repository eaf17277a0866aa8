#include "catalogue_protocol/json_text.h"

#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <charconv>
#include <cmath>

#include "base/utf8.h"
#include "catalogue_protocol/limits.h"

namespace spate::catalogue_protocol {

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

namespace {

void append_number(double number, std::string& out) {
    std::array<char, 64> digits;
    constexpr double plain_max = 1e15;
    const bool is_plain = std::abs(number) < plain_max;
    const auto end = is_plain
                         ? std::to_chars(digits.begin(), digits.end(), number, std::chars_format::fixed, 6)
                         : std::to_chars(digits.begin(), digits.end(), number);
    out.append(digits.begin(), end.ptr);
    if (!is_plain) return;
    out.resize(out.find_last_not_of('0') + 1);
    if (out.ends_with('.')) out += '0';
}

void append_json(const boost::json::value& value, std::string& out) {
    if (const auto* number = value.if_double(); number != nullptr && std::isfinite(*number)) {
        append_number(*number, out);
    } else if (const auto* array = value.if_array()) {
        out += '[';
        for (const auto& element : *array) {
            if (&element != &array->front()) out += ',';
            append_json(element, out);
        }
        out += ']';
    } else if (const auto* object = value.if_object()) {
        out += '{';
        for (const auto& member : *object) {
            if (&member != &*object->begin()) out += ',';
            out += boost::json::serialize(boost::json::value(member.key()));
            out += ':';
            append_json(member.value(), out);
        }
        out += '}';
    } else {
        out += boost::json::serialize(value);
    }
}

}  // namespace

std::string write_json(const boost::json::value& value) {
    std::string out;
    append_json(value, out);
    return out;
}

Result<boost::json::object> parse_object(std::string_view json, std::size_t bytes_max,
                                         std::string_view what) {
    if (json.size() > bytes_max) {
        return fail(Error::invalid("read", std::string(what), "it is too long", std::errc::message_size));
    }
    boost::json::parse_options options;
    options.max_depth = page_depth_max;
    boost::system::error_code error;
    auto value = boost::json::parse({json.data(), json.size()}, error, {}, options);
    if (error || !value.is_object()) {
        return fail(
            Error::invalid("read", std::string(what), "it is no JSON object", std::errc::bad_message));
    }
    return std::move(value.get_object());
}

std::optional<std::string_view> text_at(const boost::json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    if (value == nullptr || !value->is_string()) return std::nullopt;
    return std::string_view(value->get_string());
}

std::optional<std::uint64_t> number_at(const boost::json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    if (value == nullptr) return std::nullopt;
    if (value->is_uint64()) return value->get_uint64();
    if (!value->is_int64() || value->get_int64() < 0) return std::nullopt;
    return static_cast<std::uint64_t>(value->get_int64());
}

}  // namespace spate::catalogue_protocol
