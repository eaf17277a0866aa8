// // printable: text from the network made safe for a terminal, a log or one line of a file: control
// characters (C0, DEL, C1), marks that turn the writing direction, and bytes that are no UTF-8 stand as \xNN;
// cut to a length. The rest of UTF-8 passes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace spate {

std::string printable(std::string_view text, std::size_t length_max = 200);

}  // namespace spate
