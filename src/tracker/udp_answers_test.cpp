#include "tracker/udp_answers.h"

#include <gtest/gtest.h>
#include <variant>

namespace spate::tracker {
namespace {

using announce::Failure;
using announce::IpFamily;

constexpr hash::SipKey table_key{1};
constexpr hash::SipKey id_key{2};
const Endpoint far{Address::v4(9, 8, 7, 6), 5000};

struct Tracker {
    explicit Tracker(const AnnounceOptions& options = {})
        : announcements(options, table_key, 3), answers(announcements, id_key) {}

    std::vector<std::uint8_t> ask(const std::vector<std::uint8_t>& datagram, const Endpoint& from = far) {
        std::vector<std::uint8_t> reply;
        answers.answer(from, datagram, now, reply);
        return reply;
    }
    template <class Message>
    std::optional<announce::UdpReply> ask(const Message& message, const Endpoint& from = far) {
        std::vector<std::uint8_t> datagram;
        announce::append_udp_request(datagram, message);
        return announce::parse_udp_reply(ask(datagram, from), announce::family_of(from.address));
    }
    std::uint64_t connect(const Endpoint& from = far) {
        const auto reply = ask(announce::UdpConnect{1}, from);
        return std::get<announce::UdpConnectReply>(reply->what).connection_id;
    }
    bool takes(std::uint64_t id, const Endpoint& from = far) {
        const auto reply = ask(announce::UdpAnnounce{id, 2, request(), ""}, from);
        return reply && std::holds_alternative<announce::AnnounceReply>(reply->what);
    }
    static announce::AnnounceRequest request() {
        announce::AnnounceRequest request;
        request.port = 6881;
        return request;
    }

    Announcements announcements;
    UdpAnswers answers;
    TimePoint now{std::chrono::hours(100)};
};

TEST(UdpAnswers, AnIdIsGoodForTwoMinutesAndNotForFive) {  // rows 3, 6
    Tracker tracker;
    for (int offset = 0; offset < 120; offset += 7) {
        tracker.now += std::chrono::seconds(7);
        const auto id = tracker.connect();
        const auto issued = tracker.now;
        tracker.now = issued + std::chrono::seconds(120);
        EXPECT_TRUE(tracker.takes(id));
        tracker.now = issued + std::chrono::seconds(300);
        EXPECT_FALSE(tracker.takes(id));
        tracker.now = issued;
    }
}

TEST(UdpAnswers, AnIdFromTheFutureIsRefused) {  // row 5
    Tracker tracker;
    tracker.now += std::chrono::minutes(10);
    const auto id = tracker.connect();
    tracker.now -= std::chrono::minutes(10);
    EXPECT_FALSE(tracker.takes(id));
}

TEST(UdpAnswers, TheIdBelongsToTheAddress) {  // row 4
    Tracker tracker;
    const auto id = tracker.connect();
    EXPECT_TRUE(tracker.takes(id, {far.address, 77}));
    EXPECT_FALSE(tracker.takes(id, {Address::v4(9, 8, 7, 5), far.port}));
    std::array<std::uint8_t, 16> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 9, 8, 7, 6};
    EXPECT_TRUE(tracker.takes(id, {Address::v6(mapped), 77}));
}

TEST(UdpAnswers, SourcePortZeroIsNotAnswered) {  // row 12
    Tracker tracker;
    EXPECT_FALSE(tracker.ask(announce::UdpConnect{1}, {far.address, 0}));
}

TEST(UdpAnswers, WhoHasNotProvedItsAddressGetsFewErrorsAndNeverMoreThanItSent) {
    Tracker tracker;
    std::vector<std::uint8_t> scrape(16, 0);
    scrape[11] = 2;
    std::size_t answered = 0;
    for (int i = 0; i < 1000; ++i) {
        const auto reply = tracker.ask(scrape);
        EXPECT_LE(reply.size(), scrape.size());
        answered += !reply.empty();
    }
    EXPECT_EQ(answered, 20U);
    tracker.now += std::chrono::seconds(1);
    for (int i = 0; i < 100; ++i) answered += !tracker.ask(scrape).empty();
    EXPECT_EQ(answered, 25U);
    EXPECT_FALSE(
        tracker.ask(scrape, {Address::v4(1, 2, 3, 4), 9}).empty());        // others are not held to account
    EXPECT_FALSE(tracker.ask(announce::UdpConnect{1})->transaction != 1);  // and it can still prove itself
}

TEST(UdpAnswers, EachSourceHasItsBudget) {
    AnnounceOptions options;
    options.requests_per_second = 10;
    options.requests_burst = 30;
    Tracker tracker(options);
    const auto id = tracker.connect();
    int answered = 0;
    for (int i = 0; i < 100; ++i) answered += tracker.takes(id);
    EXPECT_EQ(answered, 30);
    tracker.now += std::chrono::seconds(1);
    for (int i = 0; i < 100; ++i) answered += tracker.takes(id);
    EXPECT_EQ(answered, 40);
    const Endpoint here{Address::loopback(), 9};
    const auto own = tracker.connect(here);
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(tracker.takes(own, here));
}

TEST(UdpAnswers, AScrapeIsAnsweredInOrder) {
    Tracker tracker;
    const auto id = tracker.connect();
    auto seed = Tracker::request();
    seed.left = 0;
    tracker.ask(announce::UdpAnnounce{id, 2, seed, ""});
    std::vector<std::uint8_t> hashes(40, 7);
    hashes.resize(60, 0);  // the seed's
    const auto reply = tracker.ask(announce::UdpScrape{id, 5, hashes});
    const auto& counts = std::get<announce::UdpScrapeReply>(reply->what).counts;
    ASSERT_EQ(counts.size(), 3U);
    EXPECT_EQ(counts[0].complete + counts[1].complete, 0U);
    EXPECT_EQ(counts[2].complete, 1U);
}

TEST(UdpAnswers, APathIsAWorldOfItsOwn) {
    Tracker tracker;
    const auto id = tracker.connect();
    auto other = Tracker::request();
    other.port = 7;
    tracker.ask(announce::UdpAnnounce{id, 2, Tracker::request(), "/room/announce?x"});
    const auto peers = [&](const char* path) {
        const auto reply = tracker.ask(announce::UdpAnnounce{id, 2, other, path});
        return std::get<announce::AnnounceReply>(reply->what).peers.size();
    };
    EXPECT_EQ(peers("/announce"), 0U);
    EXPECT_EQ(peers(""), 0U);
    EXPECT_EQ(peers("/rooms/announce"), 0U);
    EXPECT_EQ(peers("/room/announce?y=1"), 1U);
}

}  // namespace
}  // namespace spate::tracker
