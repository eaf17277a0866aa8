#include "swarm/piece_picker.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <set>

#include "swarm/picker_test_layout.h"

namespace spate::swarm {
namespace {

using metainfo::Bitfield;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Requests = std::vector<BlockRequest>;

constexpr PeerKey ann{0}, ben{1}, cat{2};
constexpr std::uint64_t mib = 1 << 20;

Bitfield bits(std::uint32_t size, std::initializer_list<std::uint32_t> set) {
    Bitfield field(size);
    for (const auto piece : set) field.set(PieceIndex(piece));
    return field;
}

// A picker with a clock and a seed.
struct Swarm {
    explicit Swarm(metainfo::FileLayout l, std::uint64_t seed = 1)
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
        picker.peer_joined(peer);
        picker.peer_bitfield(peer, bits(layout.piece_count(), has));
    }
    Requests pick(PeerKey peer, std::uint32_t wanted, PickMode mode = PickMode::spread) {
        Requests out;
        picker.pick(peer, wanted, mode, now, rng, out);
        return out;
    }
    void have_some() {  // past the first, random ones
        for (std::uint32_t i = 0; i < PiecePicker::random_first_pieces; ++i)
            picker.verified(PieceIndex(layout.piece_count() - 1 - i));
    }
};

std::set<std::uint32_t> pieces(const Requests& requests) {
    std::set<std::uint32_t> found;
    for (const auto& request : requests) found.insert(request.piece.value);
    return found;
}

TEST(PiecePicker, AsksForEveryBlockOnceWithTheLengthsOfTheLayout) {
    Swarm swarm(one_file(3 * 65536 + 20'000, 65536));
    swarm.seed(ann);
    const auto requests = swarm.pick(ann, 100);
    EXPECT_EQ(requests.size(), 14U);
    EXPECT_EQ(std::set(requests.begin(), requests.end()).size(), 14U);
    std::uint64_t bytes = 0;
    for (const auto& request : requests) bytes += request.length;
    EXPECT_EQ(bytes, swarm.layout.total_size());
    EXPECT_TRUE(swarm.pick(ann, 100).empty());
    EXPECT_EQ(swarm.picker.outstanding(ann), 14U);
}

TEST(PiecePicker, PadsAreNotAskedFor) {
    std::vector<metainfo::File> files(3);
    files[0].size = 20'000;
    files[0].path = "a";
    files[1].size = 65536 - 20'000;
    files[1].attributes.pad = true;
    files[2].size = 10;
    files[2].path = "b";
    Swarm swarm(
        *metainfo::FileLayout::make(std::move(files), {}, 65536, metainfo::FileLayout::Alignment::none));
    swarm.seed(ann);
    const auto requests = swarm.pick(ann, 10);
    ASSERT_EQ(requests.size(), 3U);
    EXPECT_EQ(requests[0].length + requests[1].length + requests[2].length, 20'010U);
}

TEST(PiecePicker, RarestFirstAndTiesAtRandom) {
    Swarm swarm(pieces_of_blocks(20, 1));
    swarm.have_some();
    swarm.seed(ann);
    swarm.leecher(ben, {0, 1, 2, 3, 4, 5, 6, 7});
    swarm.leecher(cat, {0, 1, 2, 3});
    EXPECT_EQ(swarm.picker.availability(PieceIndex(0)), 3U);
    EXPECT_EQ(pieces(swarm.pick(ann, 8)), (std::set<std::uint32_t>{8, 9, 10, 11, 12, 13, 14, 15}));
    EXPECT_EQ(pieces(swarm.pick(ann, 4)), (std::set<std::uint32_t>{4, 5, 6, 7}));
    std::set<std::uint32_t> firsts;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        Swarm other(pieces_of_blocks(20, 1), seed);
        other.have_some();
        other.seed(ann);
        firsts.insert(other.pick(ann, 1)[0].piece.value);
    }
    EXPECT_GT(firsts.size(), 5U);
}

TEST(PiecePicker, HigherPriorityFirstAndZeroNever) {
    Swarm swarm(pieces_of_blocks(10, 2));
    swarm.have_some();
    swarm.seed(ann);
    swarm.leecher(ben, {3});
    swarm.picker.set_priority(PieceIndex(3), 7);
    swarm.picker.set_priority(PieceIndex(4), 0);
    EXPECT_EQ(swarm.picker.missing(), 5U);
    EXPECT_EQ(pieces(swarm.pick(ann, 2)), (std::set<std::uint32_t>{3}));
    EXPECT_FALSE(pieces(swarm.pick(ann, 100)).contains(4));
    std::vector<Priority> none(10, 0);
    swarm.picker.set_priorities(none);
    EXPECT_EQ(swarm.picker.missing(), 0U);
    EXPECT_FALSE(swarm.picker.interesting(ann));
    EXPECT_FALSE(swarm.picker.interesting(ben));
    none[4] = 1;
    swarm.picker.set_priorities(none);
    EXPECT_EQ(pieces(swarm.pick(ann, 100)), (std::set<std::uint32_t>{4}));
}

TEST(PiecePicker, BegunPiecesComeFirst) {
    Swarm swarm(pieces_of_blocks(50, 8));
    swarm.have_some();
    swarm.seed(ann);
    swarm.seed(ben);
    const auto first = swarm.pick(ann, 3);
    const auto rest = swarm.pick(ben, 5);
    EXPECT_EQ(pieces(first), pieces(rest));
    EXPECT_NE(pieces(swarm.pick(ben, 1)), pieces(first));
}

TEST(PiecePicker, AFastPeerKeepsItsPieceAndOthersHelpAtTheEnd) {
    Swarm swarm(pieces_of_blocks(7, 8));
    swarm.have_some();
    swarm.seed(ann);
    swarm.seed(ben);
    const auto whole = swarm.pick(ann, 2, PickMode::whole);
    const auto other = swarm.pick(ben, 2);
    EXPECT_NE(pieces(whole), pieces(other));
    EXPECT_EQ(pieces(swarm.pick(ann, 6, PickMode::whole)), pieces(whole));
    swarm.pick(ann, 1, PickMode::whole);
    swarm.pick(ben, 6);
    EXPECT_EQ(swarm.pick(ben, 100).size(), 7U);  // of ann's second piece
}

TEST(PiecePicker, SequentialTakesTheLowestPieceOfThePeer) {
    Swarm swarm(pieces_of_blocks(100, 2));
    swarm.picker.set_sequential(true);
    swarm.seed(ann);
    swarm.leecher(ben, {70, 80});
    EXPECT_EQ(pieces(swarm.pick(ann, 6)), (std::set<std::uint32_t>{0, 1, 2}));
    EXPECT_EQ(pieces(swarm.pick(ben, 2)), (std::set<std::uint32_t>{70}));
    EXPECT_EQ(pieces(swarm.pick(ann, 2)), (std::set<std::uint32_t>{3}));
}

TEST(PiecePicker, DeadlinesGoBeforeEverythingAndAreAskedTwiceWhenTheyWouldBeMissed) {
    Swarm swarm(pieces_of_blocks(100, 2));
    swarm.have_some();
    swarm.seed(ann);
    swarm.seed(ben);
    swarm.picker.set_deadline(PieceIndex(60), swarm.now + seconds(9));
    swarm.picker.set_deadline(PieceIndex(50), swarm.now + seconds(5));
    swarm.picker.set_speed(ann, 8'000, false);
    EXPECT_EQ(pieces(swarm.pick(ann, 2)), (std::set<std::uint32_t>{50}));
    swarm.pick(ann, 4);
    swarm.picker.set_speed(ben, 8 * mib, false);
    const auto hurried = swarm.pick(ben, 2);
    EXPECT_EQ(pieces(hurried), (std::set<std::uint32_t>{50}));
    swarm.picker.on_block(ben, hurried[0]);
    const auto outcome = swarm.picker.on_block(ben, hurried[1]);
    EXPECT_TRUE(outcome.piece_complete);
    ASSERT_EQ(outcome.cancel.size(), 1U);
    EXPECT_EQ(outcome.cancel[0], (PeerBlock{ann, hurried[1]}));
}

TEST(PiecePicker, VerdictsOfBlocks) {
    Swarm swarm(pieces_of_blocks(6, 2));
    swarm.seed(ann);
    swarm.seed(ben);
    swarm.now += seconds(3);
    const auto asked = swarm.pick(ann, 2);
    EXPECT_EQ(swarm.picker.oldest_request(ann), swarm.now);
    EXPECT_EQ(swarm.picker.on_block(ben, asked[0]).verdict, BlockVerdict::unasked);
    auto odd = asked[0];
    odd.length -= 1;
    EXPECT_EQ(swarm.picker.on_block(ann, odd).verdict, BlockVerdict::unasked);
    odd = asked[0];
    odd.piece = PieceIndex(UINT32_MAX);
    EXPECT_EQ(swarm.picker.on_block(ann, odd).verdict, BlockVerdict::unasked);
    odd = asked[0];
    odd.offset = 0xffff'c000;
    EXPECT_EQ(swarm.picker.on_block(ann, odd).verdict, BlockVerdict::unasked);

    EXPECT_TRUE(swarm.picker.expected(ann, asked[0]));
    const auto outcome = swarm.picker.on_block(ann, asked[0]);
    EXPECT_EQ(outcome.verdict, BlockVerdict::accepted);
    EXPECT_EQ(outcome.asked_at, swarm.now);
    EXPECT_FALSE(outcome.piece_complete);
    EXPECT_EQ(swarm.picker.bytes_under_way(), metainfo::block_size);
    EXPECT_EQ(swarm.picker.on_block(ann, asked[0]).verdict, BlockVerdict::unasked);
    EXPECT_TRUE(swarm.picker.on_block(ann, asked[1]).piece_complete);
    swarm.picker.verified(asked[0].piece);
    EXPECT_EQ(swarm.picker.bytes_under_way(), 0U);
    EXPECT_EQ(swarm.picker.missing(), 5U);
}

TEST(PiecePicker, EndGameAsksTheFastPeerForWhatTheSlowOneOwes) {
    Swarm swarm(pieces_of_blocks(5, 4));
    swarm.have_some();
    swarm.seed(ann);
    swarm.seed(ben);
    swarm.picker.set_speed(ann, 20'000, false);
    swarm.picker.set_speed(ben, 20 * mib, false);
    const auto asked = swarm.pick(ann, 4);
    EXPECT_TRUE(swarm.picker.end_game());
    const auto again = swarm.pick(ben, 3);
    ASSERT_EQ(again.size(), 3U);
    EXPECT_EQ(again[0], asked[3]);  // the last of the slow peer's queue
    const auto outcome = swarm.picker.on_block(ben, again[0]);
    EXPECT_EQ(outcome.verdict, BlockVerdict::accepted);
    ASSERT_EQ(outcome.cancel.size(), 1U);
    EXPECT_EQ(outcome.cancel[0], (PeerBlock{ann, asked[3]}));
    // The cancel crossed with the block.
    EXPECT_TRUE(swarm.picker.expected(ann, asked[3]));
    EXPECT_FALSE(swarm.picker.needed(asked[3]));
    EXPECT_EQ(swarm.picker.on_block(ann, asked[3]).verdict, BlockVerdict::duplicate);
    EXPECT_EQ(swarm.picker.on_block(ann, asked[3]).verdict, BlockVerdict::unasked);
}

TEST(PiecePicker, EqualPeersDoNotDoubleTheLastBlocks) {
    Swarm swarm(pieces_of_blocks(5, 4));
    swarm.have_some();
    swarm.seed(ann);
    swarm.seed(ben);
    swarm.picker.set_speed(ann, mib, false);
    swarm.picker.set_speed(ben, mib, false);
    swarm.pick(ann, 2);
    EXPECT_EQ(swarm.pick(ben, 10).size(), 2U);
}

TEST(PiecePicker, ASnubbedPeersBlocksAreFreeAndWelcomeWhenTheyComeAfterAll) {
    Swarm swarm(pieces_of_blocks(20, 4));
    swarm.have_some();
    swarm.leecher(ann, {0});
    swarm.leecher(ben, {0});
    const auto owed = swarm.pick(ann, 4);
    EXPECT_TRUE(swarm.pick(ben, 4).empty());
    swarm.picker.set_speed(ann, 0, true);
    EXPECT_EQ(swarm.pick(ben, 2).size(), 2U);
    EXPECT_EQ(swarm.picker.on_block(ann, owed[0]).cancel.size(), 1U);  // it had been asked of ben
    EXPECT_EQ(swarm.picker.on_block(ann, owed[3]).verdict, BlockVerdict::accepted);
    swarm.picker.peer_gone(ann);
    EXPECT_EQ(swarm.pick(ben, 4).size(), 1U);
}

TEST(PiecePicker, AChokeFreesItsBlocksWhichMayComeLate) {
    Swarm swarm(pieces_of_blocks(6, 2));
    swarm.seed(ann);
    swarm.seed(ben);
    const auto asked = swarm.pick(ann, 2);
    swarm.picker.choked(ann);
    EXPECT_EQ(swarm.picker.outstanding(ann), 0U);
    for (const auto& request : swarm.pick(ben, 12)) {
        const auto outcome = swarm.picker.on_block(ben, request);
        if (outcome.piece_complete) swarm.picker.verified(request.piece);
    }
    EXPECT_EQ(swarm.picker.missing(), 0U);
    EXPECT_EQ(swarm.picker.on_block(ann, asked[0]).verdict, BlockVerdict::duplicate);
    EXPECT_EQ(swarm.picker.on_block(ann, asked[1]).verdict, BlockVerdict::duplicate);
    EXPECT_EQ(swarm.picker.on_block(ann, asked[1]).verdict, BlockVerdict::unasked);
}

TEST(PiecePicker, ARejectedPieceIsLeftAloneForAWhile) {
    Swarm swarm(pieces_of_blocks(20, 1));
    swarm.have_some();
    swarm.leecher(ann, {0, 1, 2});
    const auto first = swarm.pick(ann, 1);
    swarm.picker.rejected(ann, first[0], swarm.now);
    const auto second = swarm.pick(ann, 1);
    EXPECT_NE(second[0].piece, first[0].piece);
    swarm.picker.rejected(ann, second[0], swarm.now);
    EXPECT_TRUE(swarm.pick(ann, 1).empty());
    swarm.now += PiecePicker::reject_pause;
    EXPECT_EQ(swarm.pick(ann, 3).size(), 3U);
}

TEST(PiecePicker, AFailedPieceIsAskedOfOnePeerAtATime) {
    Swarm swarm(pieces_of_blocks(5, 4));
    swarm.have_some();
    swarm.seed(ann);
    swarm.seed(ben);
    auto requests = swarm.pick(ann, 2);
    for (const auto& request : requests) swarm.picker.on_block(ann, request);
    requests = swarm.pick(ben, 2);
    for (const auto& request : requests) swarm.picker.on_block(ben, request);
    swarm.picker.failed(PieceIndex(0));
    EXPECT_EQ(swarm.picker.missing(), 1U);
    EXPECT_EQ(swarm.picker.bytes_under_way(), 0U);
    EXPECT_EQ(swarm.pick(ben, 1).size(), 1U);
    EXPECT_TRUE(swarm.pick(ann, 4).empty());
    swarm.picker.peer_gone(ben);
    EXPECT_EQ(swarm.pick(ann, 4).size(), 4U);
}

TEST(PiecePicker, OneWrongBlockAloneIsMissingAgain) {
    Swarm swarm(pieces_of_blocks(5, 4));
    swarm.have_some();
    swarm.seed(ann);
    const auto requests = swarm.pick(ann, 4);
    for (const auto& request : requests) swarm.picker.on_block(ann, request);
    swarm.picker.block_failed(requests[2]);
    EXPECT_EQ(swarm.pick(ann, 4), Requests{requests[2]});
    EXPECT_TRUE(swarm.picker.on_block(ann, requests[2]).piece_complete);
}

TEST(PiecePicker, LostPiecesAreWantedAgain) {
    Swarm swarm(pieces_of_blocks(5, 1));
    swarm.picker.set_have(Bitfield(5, true));
    swarm.leecher(ann, {2, 3});
    EXPECT_FALSE(swarm.picker.interesting(ann));
    EXPECT_TRUE(swarm.pick(ann, 5).empty());
    swarm.picker.lost(PieceIndex(3));
    EXPECT_TRUE(swarm.picker.interesting(ann));
    EXPECT_EQ(pieces(swarm.pick(ann, 5)), (std::set<std::uint32_t>{3}));
}

TEST(PiecePicker, WhatPeersHave) {
    Swarm swarm(pieces_of_blocks(4, 1));
    swarm.picker.peer_joined(ann);
    EXPECT_FALSE(swarm.picker.interesting(ann));
    EXPECT_FALSE(swarm.picker.all_available());
    for (std::uint32_t i = 0; i < 4; ++i) swarm.picker.peer_has(ann, PieceIndex(i));
    EXPECT_TRUE(swarm.picker.is_seed(ann));
    EXPECT_TRUE(swarm.picker.all_available());
    swarm.picker.peer_lacks(ann, PieceIndex(1));
    EXPECT_EQ(swarm.picker.count_of(ann), 3U);
    EXPECT_FALSE(swarm.picker.all_available());
    swarm.seed(ben);
    EXPECT_EQ(swarm.picker.seeds(), 1U);
    swarm.picker.peer_lacks(ben, PieceIndex(0));
    EXPECT_EQ(swarm.picker.seeds(), 0U);
    EXPECT_EQ(swarm.picker.availability(PieceIndex(0)), 1U);
    EXPECT_EQ(swarm.picker.availability(PieceIndex(1)), 1U);
    swarm.picker.peer_gone(ann);
    swarm.picker.peer_gone(ben);
    for (std::uint32_t i = 0; i < 4; ++i) EXPECT_EQ(swarm.picker.availability(PieceIndex(i)), 0U);
}

TEST(PiecePicker, AllowedPiecesOnly) {
    Swarm swarm(pieces_of_blocks(10, 2));
    swarm.leecher(ann, {1, 2, 3});
    const std::array allowed{PieceIndex(2), PieceIndex(7)};
    Requests out;
    swarm.picker.pick_of(allowed, ann, 10, swarm.now, out);
    EXPECT_EQ(pieces(out), (std::set<std::uint32_t>{2}));
}

// A peer that has little, in a torrent of many pieces: it is found, and when nothing is left, at once.
TEST(PiecePicker, FindsTheOnePieceOfAPoorPeer) {
    Swarm swarm(pieces_of_blocks(100'000, 1));
    swarm.have_some();
    swarm.leecher(ann, {54'321});
    swarm.leecher(ben, {7});
    EXPECT_EQ(pieces(swarm.pick(ann, 5)), (std::set<std::uint32_t>{54'321}));
    EXPECT_TRUE(swarm.pick(ann, 5).empty());
    swarm.picker.peer_has(ann, PieceIndex(99'000));
    EXPECT_EQ(pieces(swarm.pick(ann, 5)), (std::set<std::uint32_t>{99'000}));
    EXPECT_EQ(pieces(swarm.pick(ben, 5)), (std::set<std::uint32_t>{7}));
}

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
                if (const auto piece = any_piece(); picker_.have().has(piece)) lose(piece);
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
        picker_.pick(key, static_cast<std::uint32_t>(rng_.below(12)),
                     rng_.chance(1, 2) ? PickMode::whole : PickMode::spread, now_, rng_, out);
        for (const auto& request : out) {
            EXPECT_TRUE(peer.has.has(request.piece));
            EXPECT_GT(picker_.priority(request.piece), 0);
            EXPECT_FALSE(there_.contains(request));
            EXPECT_TRUE(picker_.needed(request));
            peer.asked.insert(request);
            std::size_t asked = 0;
            for (const auto& other : peers_) asked += other.asked.count(request);
            EXPECT_LE(asked, 1 + PiecePicker::duplicates_max + peers_.size() / 2);
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

    void lose(PieceIndex piece) {
        picker_.lost(piece);
        std::erase_if(there_, [&](const BlockRequest& r) { return r.piece == piece; });
    }

    void change_priority() {
        if (rng_.chance(1, 8)) {
            std::vector<Priority> all(count());
            for (auto& priority : all) priority = static_cast<Priority>(rng_.below(8));
            picker_.set_priorities(all);
        } else {
            picker_.set_priority(any_piece(), static_cast<Priority>(rng_.below(8)));
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
        std::uint64_t bytes = 0;
        for (const auto& block : there_)
            if (!picker_.have().has(block.piece)) bytes += block.length;
        ASSERT_EQ(picker_.bytes_under_way(), bytes);
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
            picker_.pick(PeerKey(0), 20, PickMode::spread, now_, rng_, out);
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
