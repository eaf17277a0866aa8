// What this process has used so far: processor time, memory, the allocator's part of it. For benchmarks.
#pragma once

#include <cstddef>
#include <fstream>
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

namespace spate {

// Of all its threads, in user and kernel mode.
inline double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto of = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
    };
    return of(usage.ru_utime) + of(usage.ru_stime);
}

inline std::size_t resident_bytes() {
    std::ifstream in("/proc/self/statm");
    std::size_t size = 0;
    std::size_t resident = 0;
    in >> size >> resident;
    return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

// Allocated and not freed.
inline std::size_t heap_bytes() {
    return ::mallinfo2().uordblks + ::mallinfo2().hblkhd;
}

}  // namespace spate
