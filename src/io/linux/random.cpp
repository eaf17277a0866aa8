#include "io/linux/random.h"

#include <sys/random.h>

#include "base/assert.h"
#include "io/linux/retry.h"

namespace spate::io_linux {

void KernelRandom::fill(MutableBytes out) {
    while (!out.empty()) {
        const ssize_t got = retry([&] { return ::getrandom(out.data(), out.size(), 0); });
        SPATE_ASSERT(got > 0);  // without randomness nothing here is safe, and every kernel we run on has it
        out = out.subspan(static_cast<std::size_t>(got));
    }
}

}  // namespace spate::io_linux
