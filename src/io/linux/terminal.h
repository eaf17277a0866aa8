// What standard output is, for programs that draw progress on it.
#pragma once

namespace spate::io_linux {

bool stdout_is_terminal();
// Columns; 80 where that cannot be found out.
int stdout_width();

}  // namespace spate::io_linux
