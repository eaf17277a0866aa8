// Any bytes as the beginning of a connection: decided early, decided the same however they are cut, and never
// decided otherwise by what comes later.
#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "tracker/first_bytes.h"

using namespace spate;
using namespace spate::tracker;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes bytes(data, size);
    const auto whole = language_of(bytes);
    SPATE_ASSERT(size < first_bytes_max || whole != Language::undecided);
    bool decided = false;
    for (std::size_t count = 0; count <= std::min(size, first_bytes_max); ++count) {
        const auto so_far = language_of(bytes.first(count));
        SPATE_ASSERT(so_far == whole || (so_far == Language::undecided && !decided));
        decided = decided || so_far != Language::undecided;
    }
    return 0;
}
