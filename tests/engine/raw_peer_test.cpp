// One session and peers that say just what a test lets them say.
#include "tests/engine/raw_peer.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <set>
#include <thread>

#include "engine/talk_budget.h"
#include "hash/merkle.h"
#include "metainfo/bitfield.h"
#include "tests/engine/swarm_fixture.h"
#include "wire/hash_exchange.h"

namespace spate::engine {
namespace {

using metainfo::PieceIndex;
using metainfo::TorrentVersion;

class RawPeerTest : public SwarmTest {
  protected:
    RawPeer& raw(const Node& to, const SampleTorrent& torrent, RawPeer::Options options = {}) {
        const metainfo::InfoHash& hash = torrent.metainfo.info.hash;
        const hash::Sha1 swarm = hash.v2 ? metainfo::truncated(*hash.v2) : *hash.v1;
        options.id = static_cast<std::uint8_t>(raws_.size() + 1);
        RawPeer& peer = *raws_.emplace_back(
            std::make_unique<RawPeer>(world_, to.endpoint(), swarm, pieces(torrent), options));
        EXPECT_TRUE(run_until([&] { return peer.greeted(); }));
        return peer;
    }
    static std::uint32_t pieces(const SampleTorrent& torrent) {
        return torrent.metainfo.info.layout.piece_count();
    }
    static Bytes block(const SampleTorrent& torrent, const wire::BlockRequest& request) {
        const auto offset = torrent.metainfo.info.layout.piece_offset(request.piece) + request.offset;
        return Bytes(torrent.files[0].second).subspan(static_cast<std::size_t>(offset), request.length);
    }
    Node& leecher(const SampleTorrent& torrent) {
        Node& it = node("leecher");
        it.add({.what = torrent.metainfo});
        EXPECT_TRUE(run_until([&] { return it.status().state == TorrentState::downloading; }));
        return it;
    }
    Node& seed(const SampleTorrent& torrent) {
        Node& it = node("seed");
        it.put(torrent);
        it.add({.what = torrent.metainfo, .on_disk = OnDisk::just_hashed, .super_seed = SuperSeed::off});
        EXPECT_TRUE(run_until([&] { return it.status().complete(); }));
        return it;
    }
    // Lets what is under way happen.
    void settle() {
        (void)run_until([] { return false; }, std::chrono::milliseconds(100));
    }

    io::World world_ = loop_.world();
    std::vector<std::unique_ptr<RawPeer>> raws_;
};

TEST_F(RawPeerTest, AllowedFastPiecesAreFetchedWhileChoked) {
    const SampleTorrent torrent = sample(640'000, 64 << 10);
    Node& it = leecher(torrent);
    RawPeer& peer = raw(it, torrent);
    peer.send(wire::HaveAll{});
    peer.send(wire::AllowedFast{PieceIndex(3)});
    ASSERT_TRUE(run_until([&] { return peer.requests.size() == 4; }));
    std::set<PieceIndex> asked;
    for (const auto& request : peer.requests) {
        asked.insert(request.piece);
        peer.send_block(request, block(torrent, request));
    }
    EXPECT_EQ(asked, std::set{PieceIndex(3)});
    ASSERT_TRUE(run_until([&] { return it.status().pieces_have == 1; }));
    settle();
    EXPECT_EQ(peer.requests.size(), 4U);
    peer.send(wire::Unchoke{});
    EXPECT_TRUE(run_until([&] { return peer.requests.size() > 4; }));
}

TEST_F(RawPeerTest, ASuggestedPieceIsAskedForFirst) {
    const SampleTorrent torrent = sample(640'000, 16 << 10);
    Node& it = leecher(torrent);
    RawPeer& peer = raw(it, torrent);
    peer.send(wire::HaveAll{});
    peer.send(wire::SuggestPiece{PieceIndex(31)});
    peer.send(wire::Unchoke{});
    ASSERT_TRUE(run_until([&] { return !peer.requests.empty(); }));
    EXPECT_EQ(peer.requests[0].piece, PieceIndex(31));
}

// A choke without BEP 6 drops all requests, an unchoke asks for them again: not once for each of thousands.
TEST_F(RawPeerTest, ChokingAndUnchokingDoesNotFillTheOutput) {
    const SampleTorrent torrent = sample(4'000'000, 64 << 10);
    Node& it = leecher(torrent);
    RawPeer& peer = raw(it, torrent, {.fast = false, .reads = false});
    peer.send(wire::BitfieldMessage{metainfo::Bitfield(pieces(torrent), true).bytes()});
    for (int i = 0; i < 50'000; ++i) {
        peer.send(wire::Unchoke{});
        peer.send(wire::Choke{});
    }
    std::uint64_t largest = 0;
    (void)run_until([&] {
        largest = std::max(largest, it.session().load().largest_output);
        return peer.unsent() == 0 || peer.closed();
    });
    settle();
    EXPECT_LT(std::max(largest, it.session().load().largest_output), 1U << 20);
}

TEST_F(RawPeerTest, WhoChangesItsMindWithoutEndIsLeft) {
    const SampleTorrent torrent = sample(640'000, 64 << 10);
    Node& it = seed(torrent);
    RawPeer& fickle = raw(it, torrent);
    RawPeer& repeats = raw(it, torrent);
    RawPeer& plays = raw(it, torrent);
    for (std::uint32_t i = 0; i < TalkBudget::burst + 200; ++i) {
        i % 2 == 0 ? fickle.send(wire::Interested{}) : fickle.send(wire::NotInterested{});
        i % 2 == 0 ? plays.send(wire::Unchoke{}) : plays.send(wire::Choke{});
        repeats.send(wire::Have{PieceIndex(3)});
    }
    EXPECT_TRUE(run_until([&] { return fickle.closed() && repeats.closed() && plays.closed(); }));
}

TEST_F(RawPeerTest, WhoCancelsWithoutEndIsLeft) {
    const SampleTorrent torrent = sample(640'000, 64 << 10);
    Node& it = seed(torrent);
    RawPeer& peer = raw(it, torrent);
    for (int i = 0; i < 10'000; ++i) peer.send(wire::Cancel{{PieceIndex(1), 0, 16'384}});
    EXPECT_TRUE(run_until([&] { return peer.closed(); }));
}

TEST_F(RawPeerTest, CancellingAtTheEndOfALongQueueIsCounted) {
    const SampleTorrent torrent = sample(2'000'000, 64 << 10);
    Node& it = seed(torrent);
    RawPeer& peer = raw(it, torrent, {.reads = false});
    peer.send(wire::Interested{});
    for (std::uint32_t i = 0; i < 3000; ++i) peer.send(wire::Request{{PieceIndex(i % 28), 0, 16'384}});
    for (int i = 0; i < 4000; ++i) {
        peer.send(wire::Request{{PieceIndex(29), 0, 16'384}});
        peer.send(wire::Cancel{{PieceIndex(29), 0, 16'384}});
    }
    EXPECT_TRUE(run_until([&] { return it.status().peers == 0; }));
}

// Blocks are read in windows of 256 KiB; a request may lie across two.
TEST_F(RawPeerTest, ARequestAcrossWindowsIsAnswered) {
    const SampleTorrent torrent = sample(1'000'000, 512 << 10);
    Node& it = seed(torrent);
    RawPeer& peer = raw(it, torrent);
    const wire::BlockRequest across{PieceIndex(0), (256 << 10) - 1, 2};
    const Bytes right = block(torrent, across);
    std::vector<std::uint8_t> got;
    peer.on_event = [&](const wire::Event& event) {
        if (const auto* part = std::get_if<wire::BlockBytes>(&event))
            got.insert(got.end(), part->bytes.begin(), part->bytes.end());
    };
    peer.send(wire::Interested{});
    peer.send(wire::Request{across});
    EXPECT_TRUE(run_until([&] { return got.size() == 2; }, std::chrono::seconds(5)));
    EXPECT_TRUE(std::ranges::equal(got, right));
}

// It need not wait for an unchoke when it wants something again; but it is served only while it wants it.
TEST_F(RawPeerTest, WhoLosesInterestStaysUnchokedAndIsNotServed) {
    const SampleTorrent torrent = sample(640'000, 16 << 10);
    RawPeer& peer = raw(seed(torrent), torrent);
    int rejects = 0;
    int blocks = 0;
    peer.on_event = [&](const wire::Event& event) {
        rejects += std::holds_alternative<wire::Reject>(event) ? 1 : 0;
        if (const auto* bytes = std::get_if<wire::BlockBytes>(&event)) blocks += bytes->complete() ? 1 : 0;
    };
    constexpr std::uint32_t asked = 30;  // ten of them may be allowed-fast
    const auto ask = [&] {
        for (PieceIndex piece; piece.value < asked; ++piece) peer.send(wire::Request{{piece, 0, 16384}});
    };
    ASSERT_TRUE(run_until([&] { return peer.unchokes == 1; }));  // a slot is free
    peer.send(wire::Interested{});
    peer.send(wire::NotInterested{});
    peer.send(wire::Interested{});
    ask();
    ASSERT_TRUE(run_until([&] { return blocks == asked; }));
    EXPECT_EQ(peer.unchokes, 1);
    EXPECT_EQ(peer.chokes + rejects, 0);
    peer.send(wire::NotInterested{});
    blocks = 0;
    ask();
    ASSERT_TRUE(run_until([&] { return rejects + blocks == asked; }));
    EXPECT_GE(rejects, 20);
    EXPECT_EQ(peer.chokes, 1);
}

TEST_F(RawPeerTest, WhatWasAskedForIsDroppedWithTheInterest) {
    const SampleTorrent torrent = sample(8'000'000, 16 << 10);
    RawPeer& peer = raw(seed(torrent), torrent);
    int rejects = 0;
    int blocks = 0;
    peer.on_event = [&](const wire::Event& event) {
        rejects += std::holds_alternative<wire::Reject>(event) ? 1 : 0;
        if (const auto* bytes = std::get_if<wire::BlockBytes>(&event)) blocks += bytes->complete() ? 1 : 0;
    };
    constexpr std::uint32_t asked = 400;
    peer.send(wire::Interested{});
    for (PieceIndex piece; piece.value < asked; ++piece) peer.send(wire::Request{{piece, 0, 16384}});
    peer.send(wire::NotInterested{});
    ASSERT_TRUE(run_until([&] { return rejects + blocks == asked; }));
    EXPECT_GT(rejects, 300);
}

TEST_F(RawPeerTest, RejectsOfNothingAreCounted) {
    const SampleTorrent torrent = sample(640'000, 64 << 10);
    Node& it = leecher(torrent);
    RawPeer& peer = raw(it, torrent);
    for (int i = 0; i < 2000; ++i) peer.send(wire::Reject{{PieceIndex(1), 0, 16'384}});
    EXPECT_TRUE(run_until([&] { return peer.closed(); }));
}

// A peer without BEP 6 is told nothing while nothing is there; later it is.
TEST_F(RawPeerTest, WhoCameBeforeTheMetadataHearsWhatIsHere) {
    const SampleTorrent torrent = sample(640'000, 64 << 10);
    Node& source = seed(torrent);
    Node& it = node("leecher");
    metainfo::Magnet magnet;
    magnet.hash = torrent.metainfo.info.hash;
    it.add({.what = magnet});
    settle();
    RawPeer& peer = raw(it, torrent, {.fast = false});
    std::set<PieceIndex> told;
    peer.on_event = [&](const wire::Event& event) {
        if (const auto* have = std::get_if<wire::Have>(&event)) told.insert(have->piece);
    };
    it.session().add_peer(it.id(), source.endpoint());
    EXPECT_TRUE(run_until([&] { return told.size() == pieces(torrent); }));
    EXPECT_TRUE(it.finished() || run_until([&] { return it.finished(); }));
}

// What it sent is hashed by a job that takes its time; meanwhile it goes and another gets its place.
TEST_F(RawPeerTest, WhoComesWhileALieIsHashedIsNotTheLiar) {
    const SampleTorrent torrent = sample(64 << 10, 64 << 10);
    const auto size = static_cast<std::uint32_t>(torrent.metainfo.info.raw.size());
    Node& it = node("leecher");
    metainfo::Magnet magnet;
    magnet.hash = torrent.metainfo.info.hash;
    it.add({.what = magnet});
    ASSERT_TRUE(run_until([&] { return it.status().state == TorrentState::metadata; }));
    RawPeer& liar = raw(it, torrent);
    bool asked = false;
    liar.on_event = [&](const wire::Event& event) {
        asked |= std::holds_alternative<wire::MetadataRequest>(event);
    };
    liar.send(wire::ExtensionHandshake{.metadata_size = size});
    ASSERT_TRUE(run_until([&] { return asked; }));
    std::atomic<bool> busy = true;
    for (int thread = 0; thread < 2; ++thread)
        world_.pool.submit(
            [&] {
                while (busy) std::this_thread::yield();
            },
            [] {});
    const std::vector<std::uint8_t> lie(size, 'x');
    liar.send_extended(wire::MetadataData{0, size, lie});
    EXPECT_TRUE(run_until([&] { return liar.unsent() == 0; }));
    raws_.front().reset();
    EXPECT_TRUE(run_until([&] { return it.status().peers == 0; }));
    RawPeer& other = raw(it, torrent);
    EXPECT_TRUE(run_until([&] { return it.status().peers == 1; }));
    busy = false;
    bool hashed = false;
    world_.pool.submit([] {}, [&] { hashed = true; });
    EXPECT_TRUE(run_until([&] { return hashed; }));
    settle();
    EXPECT_FALSE(other.closed());
    EXPECT_EQ(it.status().peers, 1U);
}

// Connections that say nothing do not keep others out.
TEST_F(RawPeerTest, HalfHandshakesMakeWay) {
    const SampleTorrent torrent = sample(64 << 10, 64 << 10);
    Node& it = seed(torrent);
    for (int i = 0; i < 60; ++i)
        raws_.push_back(std::make_unique<RawPeer>(world_, it.endpoint(), *torrent.metainfo.info.hash.v1,
                                                  pieces(torrent), RawPeer::Options{.greets = false}));
    settle();
    raw(it, torrent);
}

// Leaves, which no metainfo holds, are made from the file (BEP 52).
TEST_F(RawPeerTest, HashRequestsForLeavesAreAnswered) {
    const SampleTorrent torrent = sample(1'000'000, 128 << 10, TorrentVersion::v2);
    Node& it = seed(torrent);
    RawPeer& peer = raw(it, torrent);
    const auto tree = wire::hash_tree(torrent.metainfo.info.layout, metainfo::FileIndex(0));
    std::size_t good = 0, rejected = 0;
    peer.on_event = [&](const wire::Event& event) {
        if (const auto* hashes = std::get_if<wire::Hashes>(&event))
            good += wire::verify_hashes(hashes->request, tree, hashes->hashes);
        if (std::holds_alternative<wire::HashReject>(event)) ++rejected;
    };
    peer.send(wire::request_of(tree, 0, 8, 8));
    peer.send(wire::request_of(tree, 0, 56, 8));  // of the last piece, which is short
    peer.send(wire::request_of(tree, 1, 0, 4));   // between leaves and pieces
    peer.send(wire::request_of(tree, 0, 0, 64));  // of all pieces at once
    ASSERT_TRUE(run_until([&] { return good + rejected == 4; }));
    EXPECT_EQ(good, 4U);
    for (int i = 0; i < 100; ++i) peer.send(wire::request_of(tree, 0, 16, 8));
    ASSERT_TRUE(run_until([&] { return good + rejected == 104; }));
    EXPECT_GE(good, 5U);
    EXPECT_EQ(it.status().peers, 1U);
}

TEST_F(RawPeerTest, LeavesOfPiecesThatAreNotHereAreRejected) {
    const SampleTorrent torrent = sample(1'000'000, 128 << 10, TorrentVersion::v2);
    Node& it = leecher(torrent);
    RawPeer& peer = raw(it, torrent);
    const auto tree = wire::hash_tree(torrent.metainfo.info.layout, metainfo::FileIndex(0));
    bool rejected = false;
    peer.on_event = [&](const wire::Event& event) {
        rejected |= std::holds_alternative<wire::HashReject>(event);
    };
    peer.send(wire::request_of(tree, 0, 8, 8));
    EXPECT_TRUE(run_until([&] { return rejected; }));
}

// Two peers send blocks of one piece, one of them a false one. The leaves show who, before the piece has come
// a second time.
TEST_F(RawPeerTest, LeavesShowWhoSentAFalseBlock) {
    const SampleTorrent torrent = sample(128 << 10, 128 << 10, TorrentVersion::v2);
    Node& it = leecher(torrent);
    RawPeer& honest = raw(it, torrent);
    RawPeer& liar = raw(it, torrent);
    std::vector<hash::Sha256> leaves;
    for (std::uint32_t at = 0; at < 128 << 10; at += 16'384)
        leaves.push_back(hash::sha256(block(torrent, {PieceIndex(0), at, 16'384})));
    std::size_t answered = 0;
    const auto answer = [&](RawPeer& peer, std::size_t from, bool wrong) {
        for (; from < peer.requests.size(); ++from) {
            const auto& request = peer.requests[from];
            const Bytes right = block(torrent, request);
            std::vector<std::uint8_t> bytes(right.begin(), right.end());
            if (wrong) bytes[100] ^= 1;
            peer.send_block(request, bytes);
        }
        return from;
    };
    for (RawPeer* peer : {&liar, &honest}) {
        peer->on_event = [&, peer](const wire::Event& event) {
            const auto* request = std::get_if<wire::HashRequest>(&event);
            if (request == nullptr) return;
            ++answered;
            peer->send(wire::Hashes{*request, wire::octets(leaves)});
        };
        peer->send(wire::HaveAll{});
    }
    // The liar brings one block; the honest one, let in when that is gone, the rest.
    liar.send(wire::Unchoke{});
    ASSERT_TRUE(run_until([&] { return liar.requests.size() == 8; }));
    const auto first = liar.requests[0];
    const Bytes right = block(torrent, first);
    std::vector<std::uint8_t> bytes(right.begin(), right.end());
    bytes[7] ^= 0x80;
    liar.send_block(first, bytes);
    for (std::size_t i = 1; i < 8; ++i) liar.send(wire::Reject{liar.requests[i]});
    settle();
    honest.send(wire::Unchoke{});
    ASSERT_TRUE(run_until([&] { return honest.requests.size() == 7; }));
    answer(honest, 0, false);
    EXPECT_TRUE(run_until([&] { return liar.closed(); }));
    EXPECT_EQ(answered, 1U);
    EXPECT_EQ(it.status().pieces_have, 0U);
    EXPECT_EQ(it.status().peers_banned, 1U);
    EXPECT_FALSE(honest.closed());
    std::size_t from = 7;
    EXPECT_TRUE(run_until([&] {
        from = answer(honest, from, false);
        return it.finished();
    }));
    EXPECT_TRUE(it.has(torrent));
}

// Answers that come after others were faster are no offence; answers to nothing are.
TEST_F(RawPeerTest, UnaskedHashesEndTheConnection) {
    const SampleTorrent torrent = sample(256 << 10, 128 << 10, TorrentVersion::v2);
    Node& it = leecher(torrent);
    RawPeer& peer = raw(it, torrent);
    const auto tree = wire::hash_tree(torrent.metainfo.info.layout, metainfo::FileIndex(0));
    const std::vector<hash::Sha256> hashes(8);
    peer.send(wire::Hashes{wire::request_of(tree, 0, 0, 8), wire::octets(hashes)});
    EXPECT_TRUE(run_until([&] { return peer.closed(); }));
}

}  // namespace
}  // namespace spate::engine
