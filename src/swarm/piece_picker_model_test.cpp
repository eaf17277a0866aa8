// PiecePicker against a model of a swarm.
#include <algorithm>
#include <array>
#include <gtest/gtest.h>
#include <set>

#include "swarm/picker_test_swarm.h"

namespace spate::swarm {
namespace {

using metainfo::Bitfield;
using std::chrono::milliseconds;
using std::chrono::seconds;

// Many peers come, go, choke, snub, reject, send, send wrongly and send what was not asked. Seen from
// outside: no block is taken twice or counted that did not come, none is lost, every request is one open and
// needed, and in the end everything is there.
class PickerModel {
  public:
    explicit PickerModel(std::uint64_t seed) : rng_(seed), layout_(make_layout()), picker_(layout_) {
        picker_.set_sequential(rng_.chance(1, 5));
    }

    void run() {
        for (int step = 0; step < 1500; ++step) one_step();
        finish();
    }

  private:
    struct Peer {
        bool here = false;
        Bitfield has;
        std::multiset<BlockRequest> asked;
    };

    metainfo::FileLayout make_layout() {
        const auto pieces = 1 + rng_.below(40);
        const auto length = metainfo::block_size * (1 + rng_.below(5)) + rng_.below(2) * 5000;
        return one_file(pieces * length - rng_.below(length), length);
    }
    PieceIndex any_piece() { return PieceIndex(static_cast<std::uint32_t>(rng_.below(count()))); }
    std::uint32_t count() const { return layout_.piece_count(); }

    void one_step() {
        now_ += milliseconds(rng_.below(200));
        const PeerKey key(static_cast<std::uint32_t>(rng_.below(peers_.size())));
        auto& peer = peers_[key.value];
        if (!peer.here) return join(key, peer);
        switch (rng_.below(16)) {
            case 0:
                picker_.peer_gone(key);
                peer = {};
                break;
            case 1:
                picker_.choked(key);
                peer.asked.clear();
                break;
            case 2:
                picker_.set_speed(key, rng_.below(2) * rng_.below(4'000'000), rng_.chance(1, 3));
                break;
            case 3:
                tell(key, peer);
                break;
            case 4:
                reject(key, peer);
                break;
            case 5:
                change_priority();
                break;
            case 6:
                picker_.set_deadline(any_piece(), rng_.chance(1, 4) ? never : now_ + seconds(rng_.below(9)));
                break;
            case 7:
                unasked(key, peer);
                break;
            case 8:
                lose_or_find(any_piece());
                break;
            case 9:
            case 10:
            case 11:
                pick(key, peer);
                break;
            default:
                send(key, peer);
                break;
        }
        check();
    }

    void join(PeerKey key, Peer& peer) {
        peer.here = true;
        peer.has = Bitfield(count());
        picker_.peer_joined(key);
        if (rng_.chance(1, 4)) {
            peer.has.set_all();
            picker_.peer_has_all(key);
        } else if (rng_.chance(2, 3)) {
            const auto share = rng_.below(5);
            for (PieceIndex piece; piece.value < count(); ++piece)
                if (rng_.below(4) < share) peer.has.set(piece);
            picker_.peer_bitfield(key, peer.has);
        }
    }

    void tell(PeerKey key, Peer& peer) {
        const auto piece = any_piece();
        if (rng_.chance(3, 4)) {
            peer.has.set(piece);
            picker_.peer_has(key, piece);
        } else {
            peer.has.reset(piece);
            picker_.peer_lacks(key, piece);
        }
    }

    void pick(PeerKey key, Peer& peer) {
        Requests out;
        const auto taken_over =
            picker_.pick(key, static_cast<std::uint32_t>(rng_.below(12)),
                         rng_.chance(1, 2) ? PickMode::whole : PickMode::spread, now_, rng_, out);
        for (const auto& [holder, request] : taken_over) {
            EXPECT_NE(holder, key);
            EXPECT_NE(std::ranges::find(out, request), out.end());
            auto& asked = peers_[holder.value].asked;
            ASSERT_TRUE(asked.contains(request));
            asked.erase(asked.find(request));
        }
        for (const auto& request : out) {
            EXPECT_TRUE(peer.has.has(request.piece));
            EXPECT_GT(picker_.priority(request.piece), 0);
            EXPECT_FALSE(there_.contains(request));
            EXPECT_TRUE(picker_.needed(request));
            peer.asked.insert(request);
            std::size_t asked = 0;
            for (const auto& other : peers_) asked += other.asked.count(request);
            EXPECT_LE(asked, 1 + EndGame::duplicates_of_block + peers_.size() / 2);
        }
    }

    void send(PeerKey key, Peer& peer) {
        if (peer.asked.empty()) return;
        auto at = peer.asked.begin();
        std::advance(at, static_cast<std::ptrdiff_t>(rng_.below(peer.asked.size())));
        const auto request = *at;
        peer.asked.erase(at);
        const bool needed = picker_.needed(request);
        const auto outcome = picker_.on_block(key, request);
        EXPECT_EQ(outcome.verdict == BlockVerdict::accepted, needed);
        EXPECT_NE(outcome.verdict, BlockVerdict::unasked);
        if (!needed) return;
        EXPECT_TRUE(there_.insert(request).second);
        for (const auto& cancel : outcome.cancel) {
            EXPECT_NE(cancel.peer, key);
            EXPECT_EQ(cancel.request, request);
            auto& asked = peers_[cancel.peer.value].asked;
            const auto open = asked.find(request);
            EXPECT_NE(open, asked.end());
            if (open != asked.end()) asked.erase(open);
        }
        EXPECT_EQ(outcome.piece_complete, blocks_there(request.piece) == blocks_of(request.piece));
        if (outcome.piece_complete) decide(request.piece);
    }

    void decide(PieceIndex piece) {
        if (rng_.chance(1, 5)) {
            picker_.failed(piece);
            std::erase_if(there_, [&](const BlockRequest& r) { return r.piece == piece; });
        } else {
            picker_.verified(piece);
            EXPECT_TRUE(picker_.have().has(piece));
        }
    }

    void reject(PeerKey key, Peer& peer) {
        if (peer.asked.empty()) return;
        const auto request = *peer.asked.begin();
        peer.asked.erase(peer.asked.begin());
        picker_.rejected(key, request, now_);
    }

    void unasked(PeerKey key, Peer& peer) {
        const BlockRequest request{any_piece(),
                                   metainfo::block_size * static_cast<std::uint32_t>(rng_.below(6)),
                                   static_cast<std::uint32_t>(rng_.below(20'000))};
        if (peer.asked.contains(request) || there_.contains(request)) return;
        const bool needed = picker_.needed(request);
        const auto outcome = picker_.on_block(key, request);
        if (outcome.verdict != BlockVerdict::accepted) return;
        EXPECT_TRUE(needed);  // given up before, and welcome late
        there_.insert(request);
        for (const auto& cancel : outcome.cancel) {
            auto& asked = peers_[cancel.peer.value].asked;
            if (asked.contains(request)) asked.erase(asked.find(request));
        }
        if (outcome.piece_complete) decide(request.piece);
    }

    void lose_or_find(PieceIndex piece) {
        std::erase_if(there_, [&](const BlockRequest& r) { return r.piece == piece; });
        if (picker_.have().has(piece)) return picker_.lost(piece);
        picker_.verified(piece);
        for (BlockIndex block; block.value < blocks_of(piece); ++block)
            there_.insert({piece, metainfo::block_offset(block),
                           metainfo::block_length(layout_.piece_size(piece), block)});
    }

    void change_priority() {
        if (rng_.chance(1, 8)) {
            std::vector<Priority> all(count());
            for (auto& priority : all) priority = static_cast<Priority>(rng_.below(8));
            picker_.set_priorities(all);
        } else {
            set_priority(picker_, any_piece(), static_cast<Priority>(rng_.below(8)));
        }
    }

    std::size_t blocks_of(PieceIndex piece) const { return metainfo::block_count(layout_.piece_size(piece)); }
    std::size_t blocks_there(PieceIndex piece) const {
        return static_cast<std::size_t>(std::ranges::count(there_, piece, &BlockRequest::piece));
    }

    void check() const {
        std::uint32_t missing = 0;
        for (PieceIndex piece; piece.value < count(); ++piece) {
            const bool wanted = picker_.priority(piece) > 0 && !picker_.have().has(piece);
            missing += wanted;
            std::uint32_t availability = 0;
            for (const auto& peer : peers_) availability += peer.here && peer.has.has(piece);
            ASSERT_EQ(picker_.availability(piece), availability);
        }
        ASSERT_EQ(picker_.missing(), missing);
        bool available = true;
        for (PieceIndex piece; piece.value < count(); ++piece)
            available &=
                picker_.priority(piece) == 0 || picker_.have().has(piece) || picker_.availability(piece) > 0;
        ASSERT_EQ(picker_.all_available(), available);
        for (std::uint32_t i = 0; i < peers_.size(); ++i) {
            const auto& peer = peers_[i];
            if (!peer.here) continue;
            bool interesting = false;
            for (PieceIndex piece; piece.value < count(); ++piece)
                interesting |=
                    peer.has.has(piece) && picker_.priority(piece) > 0 && !picker_.have().has(piece);
            ASSERT_EQ(picker_.interesting(PeerKey(i)), interesting);
            ASSERT_EQ(picker_.outstanding(PeerKey(i)), peer.asked.size());
            ASSERT_EQ(picker_.is_seed(PeerKey(i)), peer.has.all());
        }
    }

    // One peer with everything and without faults brings what is missing, beside peers that do nothing.
    void finish() {
        for (std::uint32_t i = 1; i < peers_.size(); ++i)
            if (peers_[i].here) picker_.set_speed(PeerKey(i), 0, true);
        if (peers_[0].here) picker_.peer_gone(PeerKey(0));
        peers_[0] = {};
        peers_[0].here = true;
        peers_[0].has = Bitfield(count(), true);
        picker_.peer_joined(PeerKey(0));
        picker_.peer_has_all(PeerKey(0));
        picker_.set_priorities(std::vector<Priority>(count(), 4));
        for (int round = 0; round < 1000 && picker_.missing() > 0; ++round) {
            now_ += seconds(1);
            Requests out;
            for (const auto& [holder, request] :
                 picker_.pick(PeerKey(0), 20, PickMode::spread, now_, rng_, out)) {
                auto& asked = peers_[holder.value].asked;
                asked.erase(asked.find(request));
            }
            for (const auto& request : out) {
                const auto outcome = picker_.on_block(PeerKey(0), request);
                ASSERT_EQ(outcome.verdict, BlockVerdict::accepted);
                ASSERT_TRUE(there_.insert(request).second);
                if (outcome.piece_complete) picker_.verified(request.piece);
            }
        }
        ASSERT_EQ(picker_.missing(), 0U);
        for (PieceIndex piece; piece.value < count(); ++piece)
            ASSERT_EQ(blocks_there(piece), blocks_of(piece));
    }

    Rng rng_;
    metainfo::FileLayout layout_;
    PiecePicker picker_;
    TimePoint now_{};
    std::array<Peer, 6> peers_;
    std::set<BlockRequest> there_;  // accepted, and not taken back
};

TEST(PiecePicker, NeverLosesOrDoublesABlock) {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        SCOPED_TRACE(seed);
        PickerModel(seed).run();
        if (HasFatalFailure() || HasNonfatalFailure()) return;
    }
}

}  // namespace
}  // namespace spate::swarm
