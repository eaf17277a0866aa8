// FirstCopies: while we are the only seed, each peer is told of its own few pieces at a time
// (swarm/super_seeding.h), so that the first copy of everything leaves us once and peers pass it on. Then all
// are told of the rest and we are an ordinary seed.
//
// - Who comes meanwhile hears have_none (or nothing), no allowed-fast set and no upload_only: libtorrent
//   leaves an upload-only peer without anything of interest.
// - A lone peer is shown all that goes ahead of our link: it hardly ever waits, and others that come find
//   much left.
// - Who lets its pieces lie (it wants other files, or asks nobody) is told of everything after idle_max or
//   stuck_max.
// - It ends for good when some peer has everything, a piece of ours is lost, or more peers than are shown
//   something at a time take nothing for idle_max: they are no swarm, and who wants something would wait for
//   them. It begins anew only after the last peer has gone.
//
// Owner: Content. Limit: swarm::SuperSeeding's. Thread: the reactor's.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/rng.h"
#include "engine/add_torrent.h"
#include "engine/peer_table.h"
#include "swarm/piece_picker.h"
#include "swarm/super_seeding.h"

namespace spate::engine {

class FirstCopies {
  public:
    static constexpr std::uint64_t lone_window = UINT64_MAX;         // what goes ahead to all is the bound
    static constexpr Duration idle_max = std::chrono::seconds(5);    // asks for nothing
    static constexpr Duration fresh_max = std::chrono::seconds(2);   // ... though it says it is interested
    static constexpr Duration stuck_max = std::chrono::seconds(30);  // takes nothing

    FirstCopies(const metainfo::FileLayout& layout, const swarm::PiecePicker& picker, PeerTable& peers,
                Rng& rng, SuperSeed when)
        : layout_(layout), picker_(picker), peers_(peers), rng_(rng), when_(when) {}

    // We have everything, and this peer knows nothing of us yet. True: it is not to be told.
    bool take(const Peer& peer, TimePoint now);
    bool hides_from(const Peer& peer) const {
        return policy_ && peer.key.value < members_.size() && members_[peer.key.value].here;
    }
    bool active() const { return policy_.has_value(); }
    void peer_gone(const Peer& peer);

    // The picker knows it already.
    void on_have(const Peer& peer, metainfo::PieceIndex piece);
    void on_have_many(const Peer& peer);

    bool may_request(const Peer& peer, metainfo::PieceIndex piece) const {
        return !hides_from(peer) || policy_->may_request(peer.key, piece);
    }
    void on_block_out(const Peer& peer, const wire::BlockRequest& block, TimePoint now);
    // That block did not go out after all.
    void on_block_back(const Peer& peer, const wire::BlockRequest& block);
    // Seeds that trackers know, us among them.
    void on_seed_count(std::uint32_t seeds);
    // Tells who may know more now.
    void reveal(TimePoint now);
    void on_tick(TimePoint now);
    // Everybody is told of everything.
    void end();

  private:
    struct Member {
        bool here = false;
        bool shown_all = false;
        TimePoint asked_at{};  // when it last took a block, had requests waiting, or nothing to ask for
        TimePoint took_at{};   // when it last took a block of what it was shown, or had none to take
    };
    bool is_idle_crowd(std::size_t members, TimePoint now);
    void look_at(Peer& peer, bool lone, TimePoint now);
    void show_all(Peer& peer);

    const metainfo::FileLayout& layout_;
    const swarm::PiecePicker& picker_;
    PeerTable& peers_;
    Rng& rng_;
    SuperSeed when_;
    std::optional<swarm::SuperSeeding> policy_;
    std::vector<Member> members_;  // by PeerKey
    TimePoint taken_at_{};         // when a block last went out, or they were few
    bool others_seed_ = false;     // as trackers say
    bool ended_ = false;           // until all peers are gone
};

}  // namespace spate::engine
