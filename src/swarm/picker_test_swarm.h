// For the tests of the picker: one with a clock and a seed, and peers by name.
#pragma once

#include <gtest/gtest.h>
#include <initializer_list>
#include <set>
#include <utility>
#include <vector>

#include "swarm/picker_test_layout.h"
#include "swarm/piece_picker.h"

namespace spate::swarm {

using Requests = std::vector<BlockRequest>;

// Of one piece; the others keep theirs.
inline void set_priority(PiecePicker& picker, PieceIndex piece, Priority priority) {
    std::vector<Priority> all;
    for (PieceIndex one; one.value < picker.have().size(); ++one) all.push_back(picker.priority(one));
    all[piece.value] = priority;
    picker.set_priorities(all);
}

inline constexpr PeerKey ann{0}, ben{1}, cat{2};
inline constexpr std::uint64_t mib = 1 << 20;

struct PickerSwarm {
    explicit PickerSwarm(metainfo::FileLayout l, std::uint64_t seed = 1)
        : layout(std::move(l)), picker(layout), rng(seed) {}

    metainfo::FileLayout layout;
    PiecePicker picker;
    Rng rng;
    TimePoint now{};

    void seed(PeerKey peer) {
        picker.peer_joined(peer);
        picker.peer_has_all(peer);
    }
    void leecher(PeerKey peer, std::initializer_list<std::uint32_t> has) {
        metainfo::Bitfield field(layout.piece_count());
        for (const auto piece : has) field.set(PieceIndex(piece));
        picker.peer_joined(peer);
        picker.peer_bitfield(peer, field);
    }
    Requests pick(PeerKey peer, std::uint32_t wanted, PickMode mode = PickMode::spread) {
        Requests out;
        picker.pick(peer, wanted, mode, now, rng, out);
        return out;
    }
    void have_some() {  // past the first, random ones
        for (std::uint32_t i = 0; i < PieceChoice::random_first_pieces; ++i)
            picker.verified(PieceIndex(layout.piece_count() - 1 - i));
    }
};

inline std::set<std::uint32_t> pieces(const Requests& requests) {
    std::set<std::uint32_t> found;
    for (const auto& request : requests) found.insert(request.piece.value);
    return found;
}

}  // namespace spate::swarm
