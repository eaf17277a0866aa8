// ShownPieces: what peers are told that we have and may ask for: what is there, of the part that is kept.
// HAVEs go out once a turn. Owner: Content. Thread: the reactor's.
#pragma once

#include <span>
#include <vector>

#include "engine/peer_table.h"
#include "engine/wanted_pieces.h"
#include "metainfo/bitfield.h"
#include "swarm/piece_picker.h"

namespace spate::engine {

class ShownPieces {
  public:
    // Both outlive it.
    ShownPieces(PeerTable& peers, const WantedPieces& wanted, std::uint32_t pieces)
        : peers_(peers), wanted_(wanted), shown_(pieces) {}

    const metainfo::Bitfield& pieces() const { return shown_; }
    bool all() const { return shown_.all(); }

    // What was found when the files were opened. Peers that were told we have nothing hear of it now.
    void begin(const metainfo::Bitfield& have);
    // False: it is not of the part.
    bool add(metainfo::PieceIndex piece);
    void lose(std::span<const metainfo::PieceIndex> pieces);
    // Of what was added since, to those who lack it.
    void tell_new(const swarm::PiecePicker& picker);

  private:
    PeerTable& peers_;
    const WantedPieces& wanted_;
    metainfo::Bitfield shown_;
    std::vector<metainfo::PieceIndex> new_;  // to be told
};

}  // namespace spate::engine
