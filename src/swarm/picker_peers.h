// PickerPeers: what peers have, and so which of them are of interest. Keeps the availability in the PieceMap.
//
// Seeds join and leave in O(1), have messages are O(1), a bitfield O(N), a verified piece O(peers). Memory: a
// bitfield for each peer that is no seed. Limit: peers_max. Owner: PiecePicker. One thread.
#pragma once

#include <cstdint>
#include <vector>

#include "swarm/picker_peer.h"
#include "swarm/piece_map.h"

namespace spate::swarm {

class PickerPeers {
  public:
    static constexpr std::size_t suggestions_max = 16;  // of one peer; the newest count

    explicit PickerPeers(PieceMap& pieces) : pieces_(pieces) {}

    void joined(PeerKey key);
    void has_all(PeerKey key);
    void bitfield(PeerKey key, const metainfo::Bitfield& has);
    void has(PeerKey key, PieceIndex piece);
    void lacks(PeerKey key, PieceIndex piece);
    void suggests(PeerKey key, PieceIndex piece);
    void gone(PeerKey key);
    // We want that piece now, or not any more.
    void count_wanted(PieceIndex piece, bool wanted);
    void recount_wanted();

    PickerPeer& at(PeerKey key);  // of one that is here
    const PickerPeer& at(PeerKey key) const;
    // Of any that was here.
    PickerPeer& operator[](PeerKey key) { return peers_[key.value]; }
    const PickerPeer& operator[](PeerKey key) const { return peers_[key.value]; }
    std::uint32_t size() const { return static_cast<std::uint32_t>(peers_.size()); }
    bool is_here(PeerKey key) const { return key.value < peers_.size() && peers_[key.value].here; }
    bool interesting(PeerKey key) const;
    std::uint32_t count_of(PeerKey key) const;
    std::uint32_t seeds() const { return seeds_; }

  private:
    void forget(PeerPieces& of_one);
    void recount(PeerPieces& of_one) const;

    PieceMap& pieces_;
    std::vector<PickerPeer> peers_;
    std::uint32_t seeds_ = 0;
};

}  // namespace spate::swarm
