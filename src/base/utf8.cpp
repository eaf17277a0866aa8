#include "base/utf8.h"

namespace spate {

std::optional<Utf8Character> decode_utf8(std::string_view text) {
    if (text.empty()) return std::nullopt;
    const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto lead = octet(0);
    if (lead < 0x80) return Utf8Character{lead, 1};
    if (lead < 0xc2 || lead > 0xf4) return std::nullopt;  // continuation, overlong, beyond the last plane
    const std::uint8_t bytes = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (text.size() < bytes) return std::nullopt;
    char32_t code = lead & (0x7fU >> bytes);
    for (std::size_t i = 1; i < bytes; ++i) {
        if ((octet(i) & 0xc0) != 0x80) return std::nullopt;
        code = (code << 6) | (octet(i) & 0x3fU);
    }
    const bool overlong = (bytes == 3 && code < 0x800) || (bytes == 4 && code < 0x10000);
    if (overlong || (code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) return std::nullopt;
    return Utf8Character{code, bytes};
}

void append_utf8(std::string& text, char32_t code) {
    const auto add = [&](char32_t octet) { text += static_cast<char>(static_cast<unsigned char>(octet)); };
    const auto tail = [&](unsigned shift) { add(0x80 | ((code >> shift) & 0x3f)); };
    if (code < 0x80) {
        add(code);
    } else if (code < 0x800) {
        add(0xc0 | (code >> 6));
        tail(0);
    } else if (code < 0x10000) {
        add(0xe0 | (code >> 12));
        tail(6);
        tail(0);
    } else {
        add(0xf0 | (code >> 18));
        tail(12);
        tail(6);
        tail(0);
    }
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const auto character = decode_utf8(text);
        if (!character) return false;
        text.remove_prefix(character->bytes);
    }
    return true;
}

std::string_view cut_utf8(std::string_view text, std::size_t bytes_max) {
    if (text.size() <= bytes_max) return text;
    while (bytes_max > 0 && (static_cast<unsigned char>(text[bytes_max]) & 0xc0) == 0x80) --bytes_max;
    return text.substr(0, bytes_max);
}

}  // namespace spate
