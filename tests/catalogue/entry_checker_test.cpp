// The tracker's possession checks of published entries against sharers of every kind, in the simulated world.
#include "tracker/entry_checker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <list>

#include "metainfo/bitfield.h"
#include "sim/test_programs.h"
#include "tests/sample_torrent.h"
#include "wire/write.h"

namespace spate::tracker {
namespace {

using namespace std::chrono_literals;
using spate::testing::SampleTorrent;
using ::testing::HasSubstr;

// What it does when it is asked.
struct Manner {
    bool fast = true;
    bool says_all = true;
    bool unchokes = true;
    bool rejects = false;
    bool lies = false;
    bool answers_handshake = true;
    bool other_swarm = false;
    int chokes = 0;                     // and unchokes, at once
    std::size_t blocks_max = SIZE_MAX;  // then it gives no more
    std::string first_words = {};       // in the place of a handshake
};

class SharerDouble : private io::ListenerHandler {
  public:
    SharerDouble(io::World& world, const Endpoint& local, const SampleTorrent& torrent, Manner manner)
        : torrent_(torrent), manner_(std::move(manner)) {
        listener_ = std::move(world.network.listen(local, *this).value());
    }
    std::size_t connections() const { return peers_.size(); }

  private:
    struct Peer final : io::StreamHandler {
        Peer(SharerDouble& owner, std::unique_ptr<io::Stream> s) : sharer(owner), stream(std::move(s)) {
            stream->set_handler(*this);
            stream->wait_readable();
        }
        void on_readable() override {
            std::array<std::uint8_t, 4096> buffer;
            const auto got = stream->read(buffer);
            if (!got || got->at_end) return stream.reset();
            sharer.take(*this, Bytes(buffer).first(got->count));
            on_writable();
            stream->wait_readable();
        }
        void on_writable() override {
            while (!out.empty()) {
                const std::array parts{Bytes(out)};
                const auto sent = stream->write(parts);
                if (!sent) return out.clear();
                if (sent->would_block) return stream->wait_writable();
                out.erase(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(sent->count));
            }
        }
        SharerDouble& sharer;
        std::unique_ptr<io::Stream> stream;
        wire::HandshakeReader reader;
        std::unique_ptr<wire::PeerWire> wire;
        std::vector<std::uint8_t> out;
    };

    void on_accept(std::unique_ptr<io::Stream> stream) override {
        peers_.emplace_back(*this, std::move(stream));
    }
    void on_accept_error(const Error&) override {}

    void take(Peer& peer, Bytes bytes) {
        bytes = bytes.subspan(peer.reader.feed(bytes));
        if (peer.reader.state() != wire::HandshakeReader::State::complete || !manner_.answers_handshake)
            return;
        if (!peer.wire) greet(peer);
        std::vector<wire::Event> events;
        ASSERT_TRUE(peer.wire->feed(bytes, events));
        for (const auto& event : events)
            if (const auto* request = std::get_if<wire::Request>(&event)) answer(peer, request->block);
    }
    void greet(Peer& peer) {
        const auto pieces = torrent_.metainfo.info.layout.piece_count();
        peer.wire = std::make_unique<wire::PeerWire>(
            wire::WireOptions{.fast = manner_.fast, .extended = false, .piece_count = pieces});
        if (!manner_.first_words.empty()) {
            peer.out.assign(manner_.first_words.begin(), manner_.first_words.end());
            return;
        }
        wire::Handshake ours{{}, peer.reader.handshake().swarm, {}};
        if (manner_.fast) ours.reserved.octets[7] = 0x04;
        if (manner_.other_swarm) ours.swarm[0] ^= 1;
        const auto octets = wire::to_bytes(ours);
        peer.out.assign(octets.begin(), octets.end());
        metainfo::Bitfield all(pieces);
        for (metainfo::PieceIndex piece(0); piece.value < pieces; ++piece) all.set(piece);
        if (manner_.says_all)
            manner_.fast ? wire::append(peer.out, wire::HaveAll{})
                         : wire::append(peer.out, wire::BitfieldMessage{all.bytes()});
        if (manner_.unchokes) wire::append(peer.out, wire::Unchoke{});
        for (int i = 0; i < manner_.chokes; ++i) {
            wire::append(peer.out, wire::Choke{});
            wire::append(peer.out, wire::Unchoke{});
        }
    }
    void answer(Peer& peer, const wire::BlockRequest& block) {
        if (manner_.rejects) return wire::append(peer.out, wire::Reject{block});
        if (blocks_given_++ >= manner_.blocks_max) return;
        const auto header = wire::piece_header(block);
        peer.out.insert(peer.out.end(), header.begin(), header.end());
        const auto at = torrent_.metainfo.info.layout.piece_offset(block.piece) + block.offset;
        const auto first = torrent_.files[0].second.begin() + static_cast<std::ptrdiff_t>(at);
        peer.out.insert(peer.out.end(), first, first + block.length);
        if (manner_.lies) peer.out.back() ^= 1;
    }

    const SampleTorrent& torrent_;
    const Manner manner_;
    std::size_t blocks_given_ = 0;
    std::list<Peer> peers_;
    std::unique_ptr<io::Listener> listener_;
};

class EntryCheckerTest : public ::testing::Test {
  protected:
    EntryCheckerTest() : pair(7), checker(pair.near_process.world()) {}

    void make(metainfo::TorrentVersion version = metainfo::TorrentVersion::v1) {
        Rng rng(5);
        torrent = SampleTorrent::make("film", {{"", 300'000}}, 32 << 10, version, rng);
    }
    Finding check(Manner manner) {
        if (torrent.files.empty()) make();
        const Endpoint place{pair.far.address(), next_port++};
        SharerDouble sharer(pair.far_process.world(), place, torrent, std::move(manner));
        return ask(place);
    }
    Finding ask(const Endpoint& place) {
        std::optional<Finding> found;
        checker.check(torrent.metainfo, place, [&](Finding finding) { found = std::move(finding); });
        EXPECT_FALSE(found) << "not from inside the call";
        EXPECT_TRUE(pair.run_until([&] { return found.has_value(); }));
        return found.value_or(Finding{});
    }
    void expect_unverified(Manner manner, const std::string& why) {
        const auto finding = check(std::move(manner));
        EXPECT_EQ(finding.kind, Finding::Kind::unverified) << why;
        EXPECT_THAT(finding.reason, HasSubstr(why));
    }

    sim::Pair pair;
    SampleTorrent torrent;
    EntryChecker checker;
    std::uint16_t next_port = 6881;
};

TEST_F(EntryCheckerTest, WhoGivesEveryPieceRightIsVerified) {
    for (const auto version :
         {metainfo::TorrentVersion::v1, metainfo::TorrentVersion::v2, metainfo::TorrentVersion::hybrid}) {
        make(version);
        for (const bool fast : {true, false}) {
            const auto finding = check({.fast = fast});
            EXPECT_EQ(finding.kind, Finding::Kind::verified) << finding.reason;
        }
    }
}

TEST_F(EntryCheckerTest, AWrongBitIsProof) {
    const auto finding = check({.lies = true});
    EXPECT_EQ(finding.kind, Finding::Kind::refused);
    EXPECT_THAT(finding.reason, HasSubstr("not what the metainfo says"));
}

TEST_F(EntryCheckerTest, NothingElseIs) {
    expect_unverified({.says_all = false}, "does not say that it has everything");
    expect_unverified({.unchokes = false}, "did not answer in time");
    expect_unverified({.rejects = true}, "rejects what it is asked for");
    expect_unverified({.answers_handshake = false}, "did not answer in time");
    expect_unverified({.other_swarm = true}, "another torrent");
    expect_unverified({.first_words = "HTTP/1.1 400 Bad Request\r\n\r\n"}, "does not speak BitTorrent");
    expect_unverified({.chokes = 100'000}, "chokes us again and again");  // each would make it ask anew
    const auto nobody = ask({pair.far.address(), 1});
    EXPECT_EQ(nobody.kind, Finding::Kind::unverified);
}

// 240 that only accept must not hold the places of others for long.
TEST_F(EntryCheckerTest, SilenceEndsSoon) {
    make();
    const auto took = [&](Manner manner) {
        const auto before = pair.near_process.world().reactor.now();
        check(std::move(manner));
        return pair.near_process.world().reactor.now() - before;
    };
    EXPECT_LE(took({.answers_handshake = false}), BlockProbe::first_word_max + 1s);
    EXPECT_LE(took({.unchokes = false}), BlockProbe::first_word_max + BlockProbe::first_block_max);
    EXPECT_LE(took({.blocks_max = 3}), BlockProbe::block_pause_max + 2s);
}

TEST_F(EntryCheckerTest, OneSourceIsAskedAFewTimesAtOnceAndWaitsForTheRest) {
    make();
    const Endpoint place{pair.far.address(), 6881};
    SharerDouble silent(pair.far_process.world(), place, torrent, {.answers_handshake = false});
    std::size_t answers = 0, turned_away = 0;
    const auto asked = CheckTurns::running_per_source_max + CheckTurns::waiting_per_source_max + 3;
    for (std::size_t i = 0; i < asked; ++i)
        checker.check(torrent.metainfo, place, [&](const Finding& finding) {
            ++answers;
            turned_away += finding.reason == "too many checks are waiting";
        });
    pair.run_until([&] { return silent.connections() == CheckTurns::running_per_source_max; });
    EXPECT_EQ(turned_away, 3u);
    EXPECT_TRUE(pair.run_until([&] { return answers == asked; }));
    EXPECT_EQ(silent.connections(), asked - 3);
}

TEST_F(EntryCheckerTest, NobodyIsToldWhenItIsGone) {
    make();
    bool told = false;
    {
        EntryChecker short_lived(pair.near_process.world());
        short_lived.check(torrent.metainfo, {pair.far.address(), 1}, [&](const Finding&) { told = true; });
    }
    pair.simulation().run_until([] { return false; }, 1min);
    EXPECT_FALSE(told);
}

}  // namespace
}  // namespace spate::tracker
