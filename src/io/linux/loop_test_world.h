// For this folder's tests: a Loop that is turned until something holds.
#pragma once

#include <functional>

#include "io/linux/loop.h"

namespace spate::io_linux {

inline bool run_until(Loop& loop, const std::function<bool()>& done) {
    const TimePoint end = loop.world().reactor.now() + std::chrono::seconds(20);
    while (!done()) {
        const Duration left = end - loop.world().reactor.now();
        if (left <= Duration::zero()) return false;
        loop.run_one(left);
    }
    return true;
}

}  // namespace spate::io_linux
