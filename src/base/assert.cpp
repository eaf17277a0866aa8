#include "base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace spate {

void assertion_failed(const char* condition, const char* file, int line) {
    std::fprintf(stderr, "%s:%d: this should never happen: %s\n", file, line, condition);
    std::abort();
}

}  // namespace spate
