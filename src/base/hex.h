// Hexadecimal text of octets, lower case out, either case in.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace spate {

std::string to_hex(Bytes bytes);
// Nothing for an odd length or a character that is no hex digit.
std::optional<std::vector<std::uint8_t>> from_hex(std::string_view text);

}  // namespace spate
