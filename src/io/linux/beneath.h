// Opening below a held folder without ever leaving it or following a link: openat2 where the kernel has it
// and allows it, otherwise a walk, component by component. Callers checked the path with io::check_path().
// Any thread. Failures: an empty UniqueFd, errno says why (ELOOP for a link).
#pragma once

#include <string>
#include <string_view>
#include <sys/types.h>

#include "io/linux/unique_fd.h"

namespace spate::io_linux {

enum class OpenWay {
    kernel,  // openat2; the walk where a kernel or a sandbox refuses it (ENOSYS, EPERM)
    walk,    // always the walk
};

// `flags` as for open(); O_CLOEXEC and O_NOFOLLOW are added. `mode` counts with O_CREAT.
UniqueFd open_beneath(int folder, std::string_view path, int flags, mode_t mode, OpenWay way);
// The folder that holds the last component, for calls that act on a name (O_PATH).
UniqueFd open_parent(int folder, std::string_view path, OpenWay way);
// The last component.
std::string last_name(std::string_view path);

}  // namespace spate::io_linux
