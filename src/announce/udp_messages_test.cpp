#include "announce/udp_messages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "announce/connection_ids.h"
#include "announce/endpoint_bytes.h"
#include "announce/udp_exchange.h"

namespace spate::announce {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

using Datagram = std::vector<std::uint8_t>;

UdpAnnounce sample() {
    UdpAnnounce announce;
    announce.connection_id = 0x0123456789abcdef;
    announce.transaction = 77;
    announce.request.swarm.fill(1);
    announce.request.peer_id.fill(2);
    announce.request.port = 6881;
    announce.request.uploaded = 3;
    announce.request.downloaded = 4;
    announce.request.left = 4294967296;  // row 17
    announce.request.event = Event::started;
    announce.request.want = 50;
    announce.request.key = 5;
    return announce;
}

Datagram written(const auto& request) {
    Datagram out;
    append_udp_request(out, request);
    return out;
}

UdpAnnounce read_announce(Bytes datagram) {
    const auto request = parse_udp_request(datagram);
    EXPECT_TRUE(request && std::holds_alternative<UdpAnnounce>(*request));
    return std::get<UdpAnnounce>(request.value());
}

// Numbers of the rows: trackers.md, section 3.2.

TEST(UdpRequest, IsReadAsWritten) {
    UdpAnnounce announce = sample();
    announce.url_data = "/announce?passkey=" + std::string(300, 'k');
    const UdpAnnounce read = read_announce(written(announce));
    EXPECT_EQ(read.connection_id, announce.connection_id);
    EXPECT_EQ(read.transaction, 77u);
    EXPECT_EQ(read.request, announce.request);
    EXPECT_EQ(read.url_data, announce.url_data);
    EXPECT_EQ(written(sample()).size(), 98u);
    EXPECT_EQ(udp_connection_id(written(announce)), announce.connection_id);
}

TEST(UdpRequest, SizesAreLowerBounds) {  // rows 1, 2
    Datagram connect = written(UdpConnect{9});
    EXPECT_EQ(connect.size(), 16u);
    EXPECT_EQ(udp_connection_id(connect), std::nullopt);
    connect.resize(40);
    EXPECT_EQ(std::get<UdpConnect>(parse_udp_request(connect).value()).transaction, 9u);
    connect[7] ^= 1;  // the magic
    EXPECT_FALSE(parse_udp_request(connect));
    const Datagram announce = written(sample());
    for (std::size_t size = 0; size < announce.size(); ++size)
        EXPECT_FALSE(parse_udp_request(Bytes(announce).first(size))) << size;
    Datagram unknown = announce;
    unknown[11] = 9;
    EXPECT_FALSE(parse_udp_request(unknown));
}

TEST(UdpRequest, WantAndEventOutOfRange) {  // rows 8, 13
    UdpAnnounce announce = sample();
    announce.request.want = std::nullopt;
    EXPECT_EQ(read_announce(written(announce)).request.want, std::nullopt);
    announce.request.want = 0;
    EXPECT_EQ(read_announce(written(announce)).request.want, 0u);
    Datagram datagram = written(announce);
    datagram[80] = 1;  // an event above 2^24
    EXPECT_EQ(read_announce(datagram).request.event, Event::none);
}

// BEP 15 has no number for it: it is a word in the query of BEP 41's URL.
TEST(UdpRequest, APartialSeedSaysThatItIsOne) {
    UdpAnnounce announce = sample();
    announce.request.event = Event::paused;
    for (const char* url : {"", "/key/announce", "/announce?passkey=1"}) {
        announce.url_data = url;
        const auto datagram = written(announce);
        EXPECT_EQ(datagram[83], 0) << url;
        EXPECT_EQ(read_announce(datagram).request.event, Event::paused) << url;
    }
    announce.request.event = Event::none;
    for (const char* url : {"/announce?xevent=paused", "/announce?event=pausedx", "/event=paused"}) {
        announce.url_data = url;
        EXPECT_EQ(read_announce(written(announce)).request.event, Event::none) << url;
    }
}

TEST(UdpRequest, OptionsArePassedOverByLength) {  // row 30
    Datagram datagram = written(sample());
    const std::vector<std::uint8_t> options = {1,   1, 7, 2, 'x', 'x', 2, 2, '/',
                                               'a', 1, 2, 1, 'b', 0,   2, 1, 'c'};
    datagram.insert(datagram.end(), options.begin(), options.end());
    EXPECT_EQ(read_announce(datagram).url_data, "/ab");
    datagram.resize(98);
    datagram.insert(datagram.end(), {2, 200, 'a'});  // cut
    EXPECT_EQ(read_announce(datagram).url_data, "");
    UdpAnnounce long_one = sample();
    long_one.url_data = std::string(5000, 'u');
    EXPECT_EQ(read_announce(written(long_one)).url_data.size(), url_data_bytes_max);
}

TEST(UdpRequest, AScrapeMayHaveATail) {  // row 27
    Datagram hashes(20 * 80 + 7, 3);
    Datagram datagram = written(UdpScrape{5, 6, hashes});
    const auto request = parse_udp_request(datagram);
    const UdpScrape& scrape = std::get<UdpScrape>(*request);
    EXPECT_EQ(scrape.count(), scrape_hashes_max);
    EXPECT_EQ(scrape.hash(73)[19], 3);
    EXPECT_EQ(scrape.transaction, 6u);
}

TEST(UdpReplyText, AnnounceHoldsPeersOfTheAskersFamily) {  // rows 9, 31
    AnnounceReply reply{.interval = 1800, .complete = 5, .incomplete = 6};
    for (std::uint16_t i = 1; i <= 300; ++i) {
        reply.peers.push_back({Address::v4(10, 0, 0, 1), i});
        reply.peers.push_back({Address::parse("2001:db8::1").value(), i});
    }
    for (const IpFamily family : {IpFamily::v4, IpFamily::v6}) {
        Datagram datagram;
        append_udp_announce_reply(datagram, 8, reply, family);
        EXPECT_LE(datagram.size(), udp_reply_bytes_max);
        const auto read = parse_udp_reply(datagram, family);
        ASSERT_TRUE(read);
        EXPECT_EQ(read->transaction, 8u);
        const auto& announced = std::get<AnnounceReply>(read->what);
        EXPECT_EQ(announced.interval, 1800u);
        EXPECT_EQ(announced.complete, 5u);
        EXPECT_EQ(announced.incomplete, 6u);
        EXPECT_EQ(announced.peers.size(), family == IpFamily::v4 ? udp_peers_max_v4 : udp_peers_max_v6);
        EXPECT_EQ(family_of(announced.peers.front().address), family);
    }
}

TEST(UdpReplyText, ErrorsAreActionThreeInNetworkOrder) {  // row 7
    Datagram datagram;
    append_udp_error(datagram, 0x01020304, "no");
    EXPECT_THAT(datagram, ElementsAre(0, 0, 0, 3, 1, 2, 3, 4, 'n', 'o'));
    EXPECT_EQ(std::get<Failure>(parse_udp_reply(datagram, IpFamily::v4)->what).reason, "no");
}

TEST(UdpReplyText, ScrapeCountsComeBackInOrder) {
    const std::vector<ScrapeCounts> counts = {{1, 2, 3, {}}, {4, 5, 6, {}}};
    Datagram datagram;
    append_udp_scrape_reply(datagram, 1, counts);
    EXPECT_EQ(std::get<UdpScrapeReply>(parse_udp_reply(datagram, IpFamily::v4)->what).counts, counts);
}

TEST(UdpReplyText, ShortDatagramsAreNothing) {
    Datagram connect;
    append_udp_connect_reply(connect, 1, 2);
    for (std::size_t size = 0; size < connect.size(); ++size)
        EXPECT_FALSE(parse_udp_reply(Bytes(connect).first(size), IpFamily::v4)) << size;
    EXPECT_FALSE(parse_udp_reply(Datagram(20, 9), IpFamily::v4));
}

class ConnectionIdsTest : public testing::Test {
  protected:
    const Address asker = Address::v4(192, 0, 2, 1);
    const ConnectionIds ids{hash::SipKey{1, 2, 3}};
    static TimePoint at(Duration since_start) { return TimePoint(since_start); }
};

TEST_F(ConnectionIdsTest, AreGoodForTwoMinutesAtLeastAndFourAtMost) {  // rows 3, 6
    for (int second = 0; second < 700; second += 7) {
        const TimePoint issued = at(std::chrono::seconds(second));
        const auto id = ids.issue(asker, issued);
        EXPECT_TRUE(ids.valid(id, asker, issued));
        EXPECT_TRUE(ids.valid(id, asker, issued + 120s)) << second;
        EXPECT_FALSE(ids.valid(id, asker, issued + 240s)) << second;
        EXPECT_FALSE(ids.valid(id, asker, issued + 256 * connection_id_epoch))
            << "the epoch's octet comes round";
    }
}

TEST_F(ConnectionIdsTest, AreBoundToTheAddress) {  // rows 4, 10
    const auto id = ids.issue(asker, at(1s));
    EXPECT_FALSE(ids.valid(id, Address::v4(192, 0, 2, 2), at(1s)));
    EXPECT_TRUE(ids.valid(id, Address::parse("::ffff:192.0.2.1").value(), at(1s)));
    EXPECT_FALSE(ids.valid(id, Address::parse("c000:201::").value(), at(1s)));
}

TEST_F(ConnectionIdsTest, CannotBeMadeUp) {  // row 5
    const auto id = ids.issue(asker, at(1s));
    for (int bit = 0; bit < 64; ++bit)
        EXPECT_FALSE(ids.valid(id ^ (std::uint64_t{1} << bit), asker, at(1s))) << bit;
    EXPECT_FALSE(ids.valid(ids.issue(asker, at(500s)), asker, at(100s))) << "of the future";
    EXPECT_FALSE(ConnectionIds(hash::SipKey{9}).valid(id, asker, at(1s)));
    EXPECT_FALSE(ids.valid(udp_protocol_magic, asker, at(1s)));
    EXPECT_TRUE(ids.valid(ids.issue(asker, TimePoint(-1s)), asker, at(0s)));
}

class Exchange : public testing::Test {
  protected:
    static std::uint32_t transaction_of(const Datagram& datagram) { return read_u32(datagram, 12); }
    UdpTrackerExchange start(int sends_max) {
        return {sample().request, "/announce", IpFamily::v4, sends_max, rng, start_time};
    }
    Datagram connect_reply(const Datagram& connect) {
        Datagram reply;
        append_udp_connect_reply(reply, transaction_of(connect), 42);
        return reply;
    }
    static Datagram announce_reply(std::uint32_t transaction) {
        Datagram reply;
        append_udp_announce_reply(reply, transaction, {.interval = 600}, IpFamily::v4);
        return reply;
    }
    Rng rng{1};
    const TimePoint start_time = TimePoint(1000s);
};

TEST_F(Exchange, ConnectsThenAnnounces) {
    auto exchange = start(4);
    const Datagram connect = exchange.drain();
    EXPECT_TRUE(std::holds_alternative<UdpConnect>(parse_udp_request(connect).value()));
    EXPECT_TRUE(exchange.drain().empty());
    exchange.feed(connect_reply(connect), start_time + 1s);
    const Datagram question = exchange.drain();
    const UdpAnnounce announce = read_announce(question);
    EXPECT_EQ(announce.connection_id, 42u);
    EXPECT_EQ(announce.request, sample().request);
    EXPECT_EQ(announce.url_data, "/announce");
    exchange.feed(announce_reply(announce.transaction), start_time + 2s);
    ASSERT_TRUE(exchange.outcome());
    EXPECT_EQ(std::get<AnnounceReply>(*exchange.outcome()).interval, 600u);
    EXPECT_EQ(exchange.next_timeout(), never);
}

TEST_F(Exchange, IgnoresWhatIsNotTheAnswer) {
    auto exchange = start(4);
    const Datagram connect = exchange.drain();
    Datagram wrong;
    append_udp_connect_reply(wrong, transaction_of(connect) + 1, 42);
    exchange.feed(wrong, start_time);
    exchange.feed(announce_reply(transaction_of(connect)), start_time);  // not asked yet
    exchange.feed(Datagram{1, 2, 3}, start_time);
    EXPECT_TRUE(exchange.drain().empty());
    EXPECT_FALSE(exchange.outcome());
    exchange.feed(connect_reply(connect), start_time);
    EXPECT_FALSE(exchange.drain().empty());
    exchange.feed(connect_reply(connect), start_time);  // twice
    EXPECT_TRUE(exchange.drain().empty());
}

TEST_F(Exchange, AsksAgainWithDoublingPausesAndGivesUp) {
    auto exchange = start(4);
    std::vector<std::int64_t> pauses;
    TimePoint now = start_time;
    while (!exchange.outcome()) {
        EXPECT_FALSE(exchange.drain().empty());
        exchange.on_timeout(now);  // too early: nothing
        EXPECT_TRUE(exchange.drain().empty());
        pauses.push_back((exchange.next_timeout() - now) / 1s);
        now = exchange.next_timeout();
        exchange.on_timeout(now);
    }
    EXPECT_THAT(pauses, ElementsAre(15, 30, 60, 120));
    EXPECT_TRUE(std::holds_alternative<NoAnswer>(*exchange.outcome()));
}

TEST_F(Exchange, AnOldConnectionIdIsAskedForAnew) {
    auto exchange = start(6);
    TimePoint now = start_time;
    exchange.feed(connect_reply(exchange.drain()), now);
    for (const auto kind : {1, 1, 1, 0}) {  // asked after 0, 15 and 45 s; at 105 s the id is too old
        const auto request = parse_udp_request(exchange.drain());
        ASSERT_TRUE(request);
        EXPECT_EQ(request->index(), static_cast<std::size_t>(kind));
        now = exchange.next_timeout();
        exchange.on_timeout(now);
    }
}

// BEP 15: a client may use an id for a minute after it came.
TEST_F(Exchange, AnIdOfAMomentAgoIsAskedWithAtOnce) {
    auto first = start(4);
    first.feed(connect_reply(first.drain()), start_time);
    first.feed(announce_reply(transaction_of(first.drain())), start_time + 1s);
    ASSERT_TRUE(first.outcome());
    const auto known = first.connection();
    ASSERT_TRUE(known);
    UdpTrackerExchange second(sample().request, "", IpFamily::v4, 4, rng, start_time + 59s, known);
    const UdpAnnounce question = read_announce(second.drain());
    EXPECT_EQ(question.connection_id, 42U);
    second.feed(announce_reply(question.transaction), start_time + 59s);
    EXPECT_TRUE(second.outcome());
    UdpTrackerExchange late(sample().request, "", IpFamily::v4, 4, rng, start_time + 60s, known);
    EXPECT_TRUE(std::holds_alternative<UdpConnect>(parse_udp_request(late.drain()).value()));
}

TEST_F(Exchange, AnIdThatIsNotTakenIsAskedForAnew) {
    const UdpConnectionId known{7, start_time};
    for (const bool silent : {false, true}) {
        UdpTrackerExchange exchange(sample().request, "", IpFamily::v4, 4, rng, start_time, known);
        const Datagram question = exchange.drain();
        EXPECT_EQ(read_announce(question).connection_id, 7U);
        TimePoint now = start_time;
        if (silent) {
            now = exchange.next_timeout();
            exchange.on_timeout(now);
        } else {
            Datagram error;
            append_udp_error(error, transaction_of(question), "no such connection");
            exchange.feed(error, now);
        }
        EXPECT_FALSE(exchange.outcome());
        exchange.feed(connect_reply(exchange.drain()), now);
        const Datagram again = exchange.drain();
        EXPECT_EQ(read_announce(again).connection_id, 42U);
        Datagram refusal;  // with an id of its own that is the tracker's word
        append_udp_error(refusal, transaction_of(again), "unregistered");
        exchange.feed(refusal, now);
        EXPECT_EQ(std::get<Failure>(exchange.outcome().value()).reason, "unregistered");
    }
}

TEST_F(Exchange, AnErrorEndsIt) {
    auto exchange = start(4);
    Datagram error;
    append_udp_error(error, transaction_of(exchange.drain()), "not here");
    exchange.feed(error, start_time);
    EXPECT_EQ(std::get<Failure>(exchange.outcome().value()).reason, "not here");
}

TEST_F(Exchange, ScrapesToo) {
    UdpTrackerExchange exchange(UdpScrapeQuestion{{hash::Sha1{7}}}, "", IpFamily::v4, 4, rng, start_time);
    exchange.feed(connect_reply(exchange.drain()), start_time);
    const Datagram question = exchange.drain();
    const auto request = parse_udp_request(question);
    EXPECT_EQ(std::get<UdpScrape>(request.value()).hash(0), hash::Sha1{7});
    Datagram reply;
    const std::vector<ScrapeCounts> counts = {{1, 2, 3, {}}};
    append_udp_scrape_reply(reply, transaction_of(question), counts);
    exchange.feed(reply, start_time);
    EXPECT_EQ(std::get<UdpScrapeReply>(exchange.outcome().value()).counts, counts);
}

}  // namespace
}  // namespace spate::announce
