#include "swarm/request_window.h"

#include <algorithm>
#include <deque>
#include <gtest/gtest.h>

#include "metainfo/geometry.h"

namespace spate::swarm {
namespace {

using std::chrono::duration;
using std::chrono::milliseconds;
using std::chrono::seconds;

// A peer behind a link of a rate and a round trip, which answers requests in order: asks as the window says
// and gives the share of the link that was used from `from` to `to`.
struct Link {
    double bytes_per_second;
    Duration round_trip;
    std::uint32_t peer_queue = 4000;

    double used(Duration from, Duration to, std::uint32_t* most = nullptr) const {
        const TimePoint start{};
        RequestWindow window(start);
        window.set_peer_queue(peer_queue);
        window.on_first_request(start);
        struct Answer {
            TimePoint asked_at, arrives_at;
        };
        std::deque<Answer> answers;
        TimePoint link_free = start, now = start;
        const Duration block_time(static_cast<Duration::rep>(metainfo::block_size / bytes_per_second * 1e9));
        double bytes = 0;
        while (now < start + to) {
            while (answers.size() < window.blocks(now)) {
                link_free = std::max(link_free, now + round_trip) + block_time;
                answers.push_back({now, link_free});
            }
            if (most != nullptr && now >= start + from)
                *most = std::max(*most, static_cast<std::uint32_t>(answers.size()));
            const auto answer = answers.front();
            answers.pop_front();
            now = answer.arrives_at;
            window.on_block(metainfo::block_size, answer.asked_at, now);
            if (now >= start + from) bytes += metainfo::block_size;
        }
        return bytes / (bytes_per_second * duration<double>(to - from).count());
    }
};

TEST(RequestWindow, FillsLinksOfEveryLength) {
    for (const double rate : {64e3, 1e6, 12.5e6, 125e6})
        for (const auto trip : {milliseconds(1), milliseconds(30), milliseconds(100), milliseconds(300)})
            EXPECT_GT((Link{rate, trip}.used(seconds(6), seconds(26))), 0.95)
                << rate << " bytes/s, " << trip.count() << " ms";
}

TEST(RequestWindow, AGigabitAtThreeHundredMillisecondsIsFullWithinSeconds) {
    EXPECT_GT((Link{125e6, milliseconds(300)}.used(seconds(4), seconds(6))), 0.95);
}

TEST(RequestWindow, KeepsNoMoreWaitingThanTheLinkNeeds) {
    std::uint32_t most = 0;
    Link{1e6, milliseconds(20)}.used(seconds(20), seconds(120), &most);
    EXPECT_LE(most, 40U);  // a second's worth is 61
    most = 0;
    Link{64e3, milliseconds(300)}.used(seconds(20), seconds(600), &most);
    EXPECT_LE(most, 12U);
}

TEST(RequestWindow, NeverMoreThanThePeerTakes) {
    std::uint32_t most = 0;
    Link{125e6, milliseconds(300), 50}.used(seconds(0), seconds(20), &most);
    EXPECT_EQ(most, 50U);
    RequestWindow window{TimePoint{}};
    window.set_peer_queue(UINT32_MAX);
    EXPECT_EQ(window.blocks({}), RequestWindow::blocks_first);
    window.set_peer_queue(0);
    EXPECT_EQ(window.blocks({}), 1U);
}

TEST(RequestWindow, SilenceSnubsSoonerWhereAnswersWereQuick) {
    const TimePoint start{};
    RequestWindow window(start);
    window.on_first_request(start);
    EXPECT_FALSE(window.snubbed(start + seconds(59)));
    EXPECT_TRUE(window.snubbed(start + seconds(60)));
    window.on_block(16384, start, start + milliseconds(5));
    EXPECT_FALSE(window.snubbed(start + seconds(10)));
    EXPECT_TRUE(window.snubbed(start + seconds(11)));
    window.on_first_request(start + seconds(500));
    EXPECT_FALSE(window.snubbed(start + seconds(505)));
}

// All that was asked for arrives in one read, a round trip later, and nothing is waiting then.
TEST(RequestWindow, GrowsWhenAllAnswersComeAtOnce) {
    TimePoint now{};
    RequestWindow window(now);
    window.set_peer_queue(4000);
    for (int round_trips = 0; round_trips < 10; ++round_trips) {
        const TimePoint asked_at = now;
        const std::uint32_t asked = window.blocks(now);
        window.on_first_request(asked_at);
        now += milliseconds(300);
        for (std::uint32_t i = 0; i < asked; ++i) window.on_block(metainfo::block_size, asked_at, now);
    }
    EXPECT_GT(window.blocks(now), 1000U);
}

TEST(RequestWindow, WhoNeverAnsweredIsMuteAfterAWhile) {
    const TimePoint start{std::chrono::hours(1)};
    RequestWindow window(start);
    window.on_first_request(start);
    EXPECT_FALSE(window.mute(start + RequestWindow::mute_time - std::chrono::milliseconds(1)));
    EXPECT_TRUE(window.mute(start + RequestWindow::mute_time));
    window.on_block(16384, start, start + RequestWindow::mute_time);
    EXPECT_FALSE(window.mute(start + std::chrono::minutes(5)));
}

TEST(RequestWindow, KnowsWhatItsDistanceTakes) {
    const TimePoint start{};
    RequestWindow window(start);
    EXPECT_EQ(window.blocks_on_the_way(), RequestWindow::blocks_first);
    window.on_first_request(start);
    for (int i = 1; i <= 100; ++i)  // 1.6 MB/s, each block after 200 ms
        window.on_block(metainfo::block_size, start + milliseconds(10 * i),
                        start + milliseconds(200 + 10 * i));
    EXPECT_NEAR(window.blocks_on_the_way(), 20, 2);
    EXPECT_LT(window.blocks_on_the_way(), window.blocks(start + milliseconds(1200)));
}

TEST(ShareOfRest, IsWhatThePeerBringsUntilAllCouldBeThere) {
    EXPECT_EQ(share_of_rest(160, 1'000'000, 16'000'000), 10U);
    EXPECT_EQ(share_of_rest(16, 15'000'000, 16'000'000), 15U);
    EXPECT_EQ(share_of_rest(1 << 30, 1, 16'000'000), 67U);
}

TEST(ShareOfRest, NobodyIsLeftOutOrBoundWithoutReason) {
    EXPECT_EQ(share_of_rest(160, 1, 16'000'000), share_min);
    EXPECT_EQ(share_of_rest(0, 8'000'000, 16'000'000), share_min);
    EXPECT_EQ(share_of_rest(160, 0, 16'000'000), UINT32_MAX);           // it has brought nothing yet
    EXPECT_EQ(share_of_rest(160, 16'000'000, 16'000'000), UINT32_MAX);  // there is nobody else
    EXPECT_EQ(share_of_rest(160, 5, 0), UINT32_MAX);
    EXPECT_EQ(share_of_rest(UINT64_MAX, 1, 2), UINT32_MAX);
}

}  // namespace
}  // namespace spate::swarm
