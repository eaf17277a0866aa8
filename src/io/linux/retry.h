// retry: a system call again while a signal interrupts it.
#pragma once

#include <cerrno>

namespace spate::io_linux {

template <class Call>
auto retry(Call call) {
    decltype(call()) answer;
    do {
        answer = call();
    } while (answer < 0 && errno == EINTR);
    return answer;
}

}  // namespace spate::io_linux
