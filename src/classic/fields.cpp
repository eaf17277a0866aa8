#include "classic/fields.h"

#include <algorithm>

#include "base/parse_number.h"

namespace spate::classic {
namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string_view strip(std::string_view text, std::string_view what) {
    const auto first = text.find_first_not_of(what);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(what) - first + 1);
}

}  // namespace

std::string_view trim(std::string_view text) {
    return strip(text, " \t\r");
}

std::vector<std::string_view> split_fields(std::string_view text) {
    std::vector<std::string_view> fields;
    std::size_t at = 0;
    while ((at = text.find_first_not_of(" \t", at)) != std::string_view::npos) {
        const std::size_t end = std::min(text.find_first_of(" \t", at), text.size());
        fields.push_back(text.substr(at, end - at));
        at = end;
    }
    return fields;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, {}, lower, lower);
}

bool starts_ignoring_case(std::string_view text, std::string_view prefix) {
    return equal_ignoring_case(text.substr(0, prefix.size()), prefix);
}

std::string lower_case(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), lower);
    return out;
}

bool has_control_byte(std::string_view text) {
    return std::ranges::any_of(text, [](char c) {
        const auto octet = static_cast<unsigned char>(c);
        return (octet < 32 && c != '\t') || octet == 127;
    });
}

std::optional<std::uint64_t> parse_position(std::string_view text) {
    const auto number = parse_number<std::uint64_t>(text);
    return number && *number <= position_max ? number : std::nullopt;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
    const auto number = parse_number<std::uint16_t>(text);
    return number && *number != 0 ? number : std::nullopt;
}

std::string_view without_square_brackets(std::string_view host) {
    const bool both = host.size() >= 2 && host.front() == '[' && host.back() == ']';
    return both ? host.substr(1, host.size() - 2) : host;
}

MessageLine split_message(std::string_view line) {
    constexpr std::string_view around(" \t\r\0", 4);
    const auto last = line.find_last_not_of(around);
    std::string_view body = trim(line.substr(0, last == std::string_view::npos ? 0 : last + 1));
    MessageLine message;
    message.opened = body.starts_with('<');
    if (message.opened) body.remove_prefix(1);
    message.closed = body.ends_with('>');
    if (message.closed) body.remove_suffix(1);
    message.body = trim(body);
    message.fields = split_fields(message.body);
    return message;
}

}  // namespace spate::classic
