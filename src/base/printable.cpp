#include "base/printable.h"

namespace spate {

std::string printable(std::string_view text, std::size_t length_max) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string safe;
    for (const char c : text) {
        if (safe.size() >= length_max) return safe + "...";
        const auto octet = static_cast<unsigned char>(c);
        if (octet >= 0x20 && octet != 0x7f) {
            safe += c;
        } else {
            safe += {'\\', 'x', digits[octet >> 4], digits[octet & 15]};
        }
    }
    return safe;
}

}  // namespace spate
