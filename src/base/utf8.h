// UTF-8 (RFC 3629), one character at a time. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace spate {

struct Utf8Character {
    char32_t code = 0;
    std::uint8_t bytes = 1;
};

// The character at the start of `text`; nothing for a broken, overlong or cut sequence, a surrogate, or one
// beyond U+10FFFF, and for empty text.
std::optional<Utf8Character> decode_utf8(std::string_view text);

void append_utf8(std::string& text, char32_t code);

bool is_utf8(std::string_view text);

// The first bytes of `text` (valid UTF-8), at most so many, without half a character at the end.
std::string_view cut_utf8(std::string_view text, std::size_t bytes_max);

}  // namespace spate
