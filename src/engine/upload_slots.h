// UploadSlots: whom to serve. Who is not interested, yet or any more, is unchoked until somebody else wants
// its slot: when it is, it need not wait to be told. So is who says it is interested and never asks for
// anything, for AskSilence::ask_time; and who asks and reads nothing (SendStall). Owner: Uploads. Thread: the
// reactor's.
#pragma once

#include "base/rng.h"
#include "engine/peer_table.h"
#include "swarm/choker.h"
#include "swarm/rate_meter.h"

namespace spate::engine {

class UploadSlots {
  public:
    // our_rate: to all of them.
    UploadSlots(PeerTable& peers, const swarm::RateMeter& our_rate, swarm::ChokerOptions choker, Rng& rng)
        : peers_(peers), our_rate_(our_rate), rng_(rng), choker_(choker) {}

    // It knows what we have: it may rest in a slot that nobody wants.
    void offer(Peer& peer, TimePoint now);
    void peer_gone(Peer& peer);
    void on_interested(Peer& peer, TimePoint now);
    void on_not_interested(Peer& peer);
    // It asks for a block, whether or not it is given it.
    void on_asking(Peer& peer);
    // It asks for one that may be given to it.
    void on_request(Peer& peer, TimePoint now);
    // A slot that somebody left is given on.
    void on_turn_end(bool seeding, TimePoint now);
    void on_tick(bool seeding, TimePoint now);

  private:
    swarm::ChokeCandidate candidate(const Peer& peer, TimePoint now) const;
    void goes_on(const Peer& peer, TimePoint now);
    void look_for_silence(Peer& peer, TimePoint now);
    void look_for_stall(Peer& peer, TimePoint now);
    void choke_round(bool seeding, TimePoint now);
    void fill_slots(bool seeding, TimePoint now);
    void carry_out(const swarm::ChokeDecision& decision, TimePoint now);
    static void choke(Peer& peer);
    static void unchoke(Peer& peer, TimePoint now);
    static void drop_requests(Peer& peer);

    PeerTable& peers_;
    const swarm::RateMeter& our_rate_;
    Rng& rng_;
    swarm::Choker choker_;
    TimePoint next_round_{};
    bool slot_left_ = false;
};

}  // namespace spate::engine
