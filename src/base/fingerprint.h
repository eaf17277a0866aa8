// A short mark of a text: names that had to be cut carry it, so that two long names that differ stay
// different. Tells apart what differs by accident (FNV-1a, 64 bits); somebody may construct two texts of one
// fingerprint. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace spate {

inline constexpr std::size_t fingerprint_digits = 16;

// Hexadecimal, lower case, always fingerprint_digits long. The same on every machine and in every version.
std::string fingerprint(std::string_view text);

}  // namespace spate
