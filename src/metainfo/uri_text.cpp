#include "metainfo/uri_text.h"

#include "base/hex.h"

namespace spate::metainfo {

namespace {
bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

std::optional<std::uint32_t> base32_digit(char c) {
    if (c >= 'a' && c <= 'z') return static_cast<std::uint32_t>(c - 'a');
    if (c >= 'A' && c <= 'Z') return static_cast<std::uint32_t>(c - 'A');
    if (c >= '2' && c <= '7') return static_cast<std::uint32_t>(c - '2') + 26;
    return std::nullopt;
}
}  // namespace

std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_blank) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '%') {
            const auto octet = from_hex(text.substr(i + 1, 2));
            if (!octet || octet->size() != 1) return std::nullopt;
            c = static_cast<char>(octet->front());
            i += 2;
        } else if (c == '+' && plus_is_blank) {
            c = ' ';
        }
        if (c == '\0') return std::nullopt;
        decoded += c;
    }
    return decoded;
}

std::string percent_encoded(std::string_view text) {
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : text) {
        if (is_plain(c)) {
            encoded += c;
        } else {
            const auto octet = static_cast<unsigned char>(c);
            encoded += {'%', digits[octet >> 4], digits[octet & 15]};
        }
    }
    return encoded;
}

std::optional<std::vector<std::uint8_t>> base32_decoded(std::string_view text) {
    if (text.size() % 8 != 0) return std::nullopt;
    std::vector<std::uint8_t> decoded;
    std::uint32_t bits = 0;
    unsigned held = 0;
    for (const char c : text) {
        const auto digit = base32_digit(c);
        if (!digit) return std::nullopt;
        bits = (bits << 5 | *digit) & 0xfff;
        held += 5;
        if (held < 8) continue;
        held -= 8;
        decoded.push_back(static_cast<std::uint8_t>(bits >> held & 0xff));
    }
    return decoded;
}

}  // namespace spate::metainfo
