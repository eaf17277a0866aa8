// The resume state of a store: whatever octets are in the database, only what fits the torrent is believed,
// and what is believed is written and read again as the same.
#include "base/assert.h"
#include "piece_store/stored_state.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace spate;
    using namespace spate::piece_store;
    static const auto layout =
        metainfo::FileLayout::make(
            {{.size = 100'000, .path = "a"}, {.size = 0, .path = "b"}, {.size = 50'000, .path = "c"}}, {},
            16'384, metainfo::FileLayout::Alignment::none)
            .value();
    if (const auto state = read_state({data, size}, layout)) {
        SPATE_ASSERT(state->have.size() == layout.piece_count());
        SPATE_ASSERT(state->stamps.size() == 4 && state->wanted.size() == 3);
        const auto octets = write_state(*state);
        const bool is_of_before = data[7] != '5';
        SPATE_ASSERT(is_of_before || octets == std::vector<std::uint8_t>(data, data + size));
        SPATE_ASSERT(read_state(octets, layout) == state);
    }
    return 0;
}
