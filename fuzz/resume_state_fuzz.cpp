// The receiver's resume state: whatever bytes are on the disk, only ranges inside the file are believed, and
// what is believed is written and read again as the same.
#include "base/assert.h"
#include "base/bytes.h"
#include "base/hex.h"
#include "classic_peer/resume_state.h"
#include "hash/digest.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace spate;
    using namespace spate::classic_peer;
    const FileIdentity file{"movie.avi", 100'000, "c68c2ee8bfca4e898b396e7a935a1d92"};
    std::string text(as_text({data, size}));
    // Half of the inputs get the seal they need to be looked at closely.
    if (size % 2 == 0) text += "end " + to_hex(hash::md5(as_bytes(text))) + "\n";
    if (const auto have = read_resume_state(text, file)) {
        SPATE_ASSERT(!have->first_in({file.size, UINT64_MAX}));
        SPATE_ASSERT(read_resume_state(write_resume_state(file, *have), file) == have);
    }
    return 0;
}
