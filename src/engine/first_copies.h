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
// - Of several files a peer may want one only: who wants nothing of what it was shown, for others_time, is
//   shown others beside, more each time.
// - Peers that take nothing hold up nobody, however many they are; told_max of them a second are told of
//   everything.
// - It ends for good when some peer has everything or a piece of ours is lost. It begins anew only after the
//   last peer has gone.
//
// Owner: Content. Limit: swarm::SuperSeeding's. Thread: the reactor's.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "engine/add_torrent.h"
#include "engine/peer_table.h"
#include "engine/session_share.h"
#include "swarm/piece_picker.h"
#include "swarm/super_seeding.h"

namespace spate::engine {

class FirstCopies {
  public:
    static constexpr std::uint64_t lone_window = UINT64_MAX;         // what goes ahead to all is the bound
    static constexpr Duration idle_max = std::chrono::seconds(5);    // asks for nothing
    static constexpr Duration fresh_max = std::chrono::seconds(2);   // ... though it says it is interested
    static constexpr Duration stuck_max = std::chrono::seconds(30);  // takes nothing
    static constexpr Duration others_time = std::chrono::milliseconds(300);
    static constexpr std::size_t told_max = 16;
    static constexpr Duration measure_interval = std::chrono::milliseconds(100);

    FirstCopies(const metainfo::FileLayout& layout, const swarm::PiecePicker& picker, PeerTable& peers,
                SessionShare& share, SuperSeed when);

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
    void on_request(const Peer& peer, metainfo::PieceIndex piece) {
        if (hides_from(peer)) policy_->on_asked(peer.key, piece);
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
        TimePoint others_at = never;  // when it is shown others, if it lets lie what it was shown
    };
    Member& member(const Peer& peer) { return members_[peer.key.value]; }
    bool is_lone() const;
    void measure(TimePoint now);
    static std::size_t backlog_of(const Peer& peer);
    bool is_dry() const;
    bool is_served(const Peer& peer) const;
    // True: it is to be told of everything.
    bool look_at(Peer& peer, bool lone, TimePoint now);
    // It was shown something, and does not want it.
    bool lets_lie(const Peer& peer) const;
    void expect_more(const Peer& peer, TimePoint now);
    void show_others();
    void show(TimePoint now, const std::vector<swarm::RevealedPiece>& pieces);
    void show_all(Peer& peer);

    const metainfo::FileLayout& layout_;
    const swarm::PiecePicker& picker_;
    PeerTable& peers_;
    SessionShare& share_;
    SuperSeed when_;
    std::optional<swarm::SuperSeeding> policy_;
    std::vector<Member> members_;  // by PeerKey
    TimePoint measured_at_{};
    std::unique_ptr<io::Timer> others_timer_;
    bool others_seed_ = false;  // as trackers say
    bool ended_ = false;        // until all peers are gone
};

}  // namespace spate::engine
