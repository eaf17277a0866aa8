// PiecePicker: any order of what peers and the disk may do, blocks that nobody asked for included. What is
// asked for is needed, what is accepted was needed, and at the end a seed brings all that is missing.
#include <array>

#include "base/assert.h"
#include "swarm/picker_test_layout.h"
#include "swarm/piece_picker.h"

using namespace spate;
using namespace spate::swarm;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::uint32_t count = 1 + data[0] % 32;
    const auto layout = one_file(count * std::uint64_t{40'000}, 40'000);
    PiecePicker picker(layout);
    picker.set_sequential(data[1] % 2 == 0);
    Rng rng(data[1]);
    TimePoint now{};
    std::vector<BlockRequest> asked;
    std::vector<Priority> priorities(count, priority_normal);
    for (std::size_t i = 2; i + 1 < size; i += 2) {
        const PeerKey peer(data[i] / 16 % 4);
        const std::uint32_t value = data[i + 1];
        const PieceIndex piece(value % count);
        const auto block = [&] {
            if (asked.empty() || value % 8 == 0) return BlockRequest{piece, value * 8192, 16384};
            return asked[value % asked.size()];
        };
        now += std::chrono::milliseconds(value);
        if (!picker.is_here(peer)) picker.peer_joined(peer);
        switch (data[i] % 16) {
            case 0:
                picker.peer_gone(peer);
                break;
            case 1:
                picker.peer_has_all(peer);
                break;
            case 2:
                picker.peer_has(peer, piece);
                break;
            case 3:
                if (value >= 128)
                    picker.peer_suggests(peer, piece);
                else
                    picker.peer_lacks(peer, piece);
                break;
            case 4:
                picker.choked(peer);
                break;
            case 5:
                picker.set_speed(peer, value * 10'000, value % 2 == 0);
                break;
            case 6:
                picker.rejected(peer, block(), now);
                break;
            case 7:
                priorities[piece.value] = static_cast<Priority>(value % 8);
                picker.set_priorities(priorities);
                break;
            case 8:
                picker.set_deadline(piece, now + std::chrono::seconds(value));
                break;
            case 9:
                picker.failed(piece);
                break;
            case 10:
                picker.lost(piece);
                break;
            case 11:
                picker.block_failed(block());
                break;
            case 12:
                picker.verified(piece);
                break;
            case 13: {
                const auto request = block();
                const bool needed = picker.needed(request);
                const auto outcome = picker.on_block(peer, request);
                SPATE_ASSERT(needed || outcome.verdict != BlockVerdict::accepted);
                SPATE_ASSERT(!picker.needed(request) || outcome.verdict == BlockVerdict::unasked);
                break;
            }
            default: {
                asked.clear();
                const std::array allowed{piece, PieceIndex(0)};  // fast, while it chokes us
                if (value >= 224) picker.pick_of(allowed, peer, value % 32, now, asked);
                picker.pick(peer, value % 32, data[i] % 16 == 14 ? PickMode::whole : PickMode::spread, now,
                            rng, asked);
                for (const auto& request : asked) SPATE_ASSERT(picker.needed(request));
            }
        }
    }
    for (std::uint32_t i = 0; i < 4; ++i)
        if (picker.is_here(PeerKey(i))) picker.peer_gone(PeerKey(i));
    SPATE_ASSERT(picker.seeds() == 0);
    for (PieceIndex piece; piece.value < count; ++piece) {
        SPATE_ASSERT(picker.availability(piece) == 0);
    }
    picker.set_priorities(std::vector<Priority>(count, priority_normal));
    picker.peer_joined(PeerKey(0));
    picker.peer_has_all(PeerKey(0));
    asked.clear();
    picker.pick(PeerKey(0), UINT32_MAX, PickMode::spread, now, rng, asked);
    for (const auto& request : asked)
        SPATE_ASSERT(picker.on_block(PeerKey(0), request).verdict == BlockVerdict::accepted);
    for (PieceIndex piece; piece.value < count; ++piece)  // each is complete now, or was before
        for (std::uint32_t offset = 0; offset < 40'000; offset += metainfo::block_size)
            SPATE_ASSERT(!picker.needed({piece, offset, std::min(metainfo::block_size, 40'000 - offset)}));
    SPATE_ASSERT(picker.outstanding(PeerKey(0)) == 0);
    return 0;
}
