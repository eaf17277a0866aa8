// EndGame: blocks that were asked of others already, and that this peer would bring much sooner: the last
// ones, and those with a deadline. It takes them over from a slower one, which then need not send them.
// Asked of a second one (duplicates_of_block more) is only what is long overdue or owed by a snubbed peer.
// Owner: PiecePicker. One thread.
#pragma once

#include <vector>

#include "swarm/open_requests.h"

namespace spate::swarm {

class EndGame {
  public:
    using Slot = BegunPieces::Slot;
    static constexpr std::uint32_t duplicates_of_block = 2;  // requests for one block beside the first

    EndGame(const BegunPieces& begun, const PickerPeers& peers, OpenRequests& requests)
        : begun_(begun), peers_(peers), requests_(requests) {}

    // With the last blocks of the slowest peers' queues.
    void help_others(Ask& ask);
    // With what would miss the deadline.
    void hurry(PieceIndex piece, TimePoint deadline, Ask& ask);

  private:
    struct Holder {
        Duration late;
        PeerKey peer;
    };
    void find_holders(const Ask& ask);
    void help_from_end(PeerKey holder, Ask& ask);
    void help(PeerKey holder, std::size_t number, Duration least, Ask& ask);
    bool may_help(Slot slot, BlockIndex block, const Ask& ask) const;
    void ask_duplicate(Slot slot, BlockIndex block, Ask& ask);
    void take_over(Slot slot, BlockIndex block, PeerKey holder, Ask& ask);
    static Duration late_enough(const Ask& ask);
    static Duration lateness(const PickerPeer& peer, const Ask& ask);
    static Duration overdue(const PickerPeer& peer, std::size_t number, const Ask& ask);

    const BegunPieces& begun_;
    const PickerPeers& peers_;
    OpenRequests& requests_;
    std::vector<Holder> holders_;  // while looking for the slowest
};

}  // namespace spate::swarm
