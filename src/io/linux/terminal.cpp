#include "io/linux/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

namespace spate::io_linux {

bool stdout_is_terminal() {
    return ::isatty(STDOUT_FILENO) == 1;
}

int stdout_width() {
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
    return size.ws_col;
}

}  // namespace spate::io_linux
