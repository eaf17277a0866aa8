#include "base/printable.h"

#include "base/utf8.h"

namespace spate {

namespace {

// What a terminal obeys or what makes text read otherwise than it is: C0, DEL, C1 (U+009B begins escape
// sequences too), the marks that turn the writing direction, and blanks of no width, but for the joiners that
// some scripts need.
bool harmful(char32_t code) {
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c || code == 0x200b ||
           code == 0x200e || code == 0x200f || (code >= 0x2060 && code <= 0x2064) || code == 0xfeff ||
           (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

void append_escaped(std::string& out, std::string_view bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    for (const char c : bytes) {
        const auto octet = static_cast<unsigned char>(c);
        out += {'\\', 'x', digits[octet >> 4], digits[octet & 15]};
    }
}

}  // namespace

std::string printable(std::string_view text, std::size_t length_max) {
    std::string safe;
    while (!text.empty()) {
        if (safe.size() >= length_max) return safe + "...";
        const auto character = decode_utf8(text);
        const auto bytes = text.substr(0, character ? character->bytes : 1);
        if (!character || harmful(character->code)) {
            append_escaped(safe, bytes);
        } else {
            safe += bytes;
        }
        text.remove_prefix(bytes.size());
    }
    return safe;
}

}  // namespace spate
