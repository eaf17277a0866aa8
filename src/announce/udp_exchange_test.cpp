#include "announce/udp_exchange.h"

#include <gmock/gmock.h>

#include "announce/endpoint_bytes.h"
#include "announce/test_messages.h"

namespace spate::announce {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

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
