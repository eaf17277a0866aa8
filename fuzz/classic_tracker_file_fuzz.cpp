// Any text as a tracker file: what is read holds its promises, and written again it reads the same.
#include "base/assert.h"
#include "classic/classic_name.h"
#include "classic/tracker_file.h"

using namespace spate::classic;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto file = parse_tracker_file({reinterpret_cast<const char*>(data), size});
    if (!file) return 0;
    SPATE_ASSERT(is_clean_name(file->name));
    for (const TrackerPeer& peer : file->peers) {
        SPATE_ASSERT(peer.port != 0 && peer.start <= peer.end && peer.end <= file->size);
        SPATE_ASSERT(held_perhaps(peer, file->size).end <= file->size);
        SPATE_ASSERT(held_for_sure(peer, file->size).end <= file->size);
    }
    const auto again = parse_tracker_file(write_tracker_file(*file));
    file->skipped_lines = 0;
    SPATE_ASSERT(again && *again == *file);
    return 0;
}
