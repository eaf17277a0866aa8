// Text as a search compares it: letters of the Latin, Greek and Cyrillic alphabets that have two cases (below
// U+0530) in lower case, everything else as it is, bytes that are no UTF-8 too. Pure.
#pragma once

#include <string>
#include <string_view>

namespace spate {

std::string folded(std::string_view text);

}  // namespace spate
