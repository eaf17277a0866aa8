// printable: text from the network made safe for a terminal, a log or one line of a file: control bytes (and
// DEL) as \xNN, cut to a length. Octets above 127 pass (UTF-8).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace spate {

std::string printable(std::string_view text, std::size_t length_max = 200);

}  // namespace spate
