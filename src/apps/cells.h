// How wide text is on a terminal. Pure.
#pragma once

#include <string>
#include <string_view>

namespace spate::apps {

// How many cells UTF-8 text without escape codes takes, wide characters of East Asia counted as two, marks as
// none.
int cells_of(std::string_view text);

// As it is where it fits in `width` cells, else its beginning and "…".
std::string cut_to_width(const std::string& text, int width);

}  // namespace spate::apps
