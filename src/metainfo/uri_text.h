// Text forms in magnet links: percent escapes (RFC 3986) and base32 (RFC 4648). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spate::metainfo {

// Nothing for a broken escape or a NUL, escaped or not. plus_is_blank: '+' stands for a blank.
std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_blank = false);
// All but letters, digits and "-._~" escaped.
std::string percent_encoded(std::string_view text);

// Either case, no padding, whole octets only. Nothing for another character or a length that is no multiple
// of 8.
std::optional<std::vector<std::uint8_t>> base32_decoded(std::string_view text);

}  // namespace spate::metainfo
