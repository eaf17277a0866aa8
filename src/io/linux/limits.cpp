#include "io/linux/limits.h"

#include <cerrno>
#include <signal.h>
#include <sys/resource.h>

namespace spate::io_linux {

Result<std::uint64_t> raise_fd_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return fail(Error::system(errno, "get", "descriptor limit"));
    limit.rlim_cur = limit.rlim_max;
    if (::setrlimit(RLIMIT_NOFILE, &limit) != 0)
        return fail(Error::system(errno, "raise", "descriptor limit"));
    return limit.rlim_cur;
}

void ignore_broken_pipes() {
    ::signal(SIGPIPE, SIG_IGN);
}

}  // namespace spate::io_linux
