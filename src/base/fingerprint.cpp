#include "base/fingerprint.h"

#include <cstdint>

namespace spate {

std::string fingerprint(std::string_view text) {
    std::uint64_t sum = 0xcbf29ce484222325U;
    for (const char c : text) sum = (sum ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    std::string digits(fingerprint_digits, '0');
    for (auto& digit : digits) {
        digit = "0123456789abcdef"[sum >> 60];
        sum <<= 4;
    }
    return digits;
}

}  // namespace spate
