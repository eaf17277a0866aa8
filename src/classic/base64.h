// Base64 (RFC 4648, section 4), for the one request form that uses it. Pure functions; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace spate::classic {

// Characters of the encoding of `bytes` octets, padding included.
constexpr std::size_t base64_length(std::size_t bytes) {
    return (bytes + 2) / 3 * 4;
}

std::string to_base64(Bytes bytes);
// Padding may be missing at the end; nothing for any other character or length, and for stray bits in the
// last one.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace spate::classic
