// parse_number: the whole text as one decimal number that fits, or nothing. No sign for unsigned types, no
// blanks, no
// "+", no overflow that wraps.
#pragma once

#include <charconv>
#include <concepts>
#include <optional>
#include <string_view>

namespace spate {

template <std::integral T>
std::optional<T> parse_number(std::string_view text) {
    T value{};
    const char* end = text.data() + text.size();
    const auto [stopped_at, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || stopped_at != end || text.empty()) return std::nullopt;
    return value;
}

}  // namespace spate
