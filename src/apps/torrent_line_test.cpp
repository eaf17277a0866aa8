#include "apps/torrent_line.h"

#include <cerrno>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apps/cells.h"

namespace spate::apps {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

TorrentRow downloading() {
    TorrentRow row;
    auto& status = row.status;
    status.state = engine::TorrentState::downloading;
    status.name = "film";
    status.bytes_total = 100;
    status.bytes_have = 50;
    status.peers = 1;
    status.tracker_seeds = 0;
    return row;
}

TEST(LiveLine, SaysHowLongItTakesOnlyWhenItCanEnd) {
    auto row = downloading();
    auto& status = row.status;
    status.rate_down = 50;
    status.eta = std::chrono::seconds(1);
    EXPECT_THAT(live_line(row, 200), Not(HasSubstr("left")));
    status.all_available = true;
    EXPECT_THAT(live_line(row, 200), HasSubstr("1 s left"));
}

TEST(LiveLine, KeepsWhatMattersOnANarrowTerminal) {
    auto row = downloading();
    auto& status = row.status;
    status.name = "a film with a long name";
    status.rate_down = 1'500'000;
    status.eta = std::chrono::seconds(1);
    status.all_available = true;
    EXPECT_EQ(live_line(row, 40), "a film wi…  50 %  1.5 MB/s  1 s left");
    for (const int width : {20, 40, 60, 80, 100, 200}) EXPECT_LE(cells_of(live_line(row, width)), width);
    EXPECT_THAT(live_line(row, 80), HasSubstr("50 B of 100 B  1.5 MB/s  1 peer  1 s left"));
    status.all_available = false;
    status.peers = 0;
    EXPECT_EQ(live_line(row, 40), "a film wi…  50 %  waiting for somebody …");
}

TEST(LiveLine, OfOneThatEndedBeforeTheOthersSaysWhatItGave) {
    auto row = downloading();
    row.status.state = engine::TorrentState::stopped;
    EXPECT_THAT(plain_line(row), EndsWith("stopped"));
    row.done = true;
    row.status.uploaded = 150;
    EXPECT_EQ(plain_line(row), "film: done  100 B  150 B given, ratio 1.50");
}

TEST(LiveLine, SaysWhoIsWaitedFor) {
    auto row = downloading();
    auto& status = row.status;
    EXPECT_THAT(live_line(row, 200),
                HasSubstr("waiting for somebody who has the rest  (the tracker knows 0 seeds)"));
    status.peers = 0;
    EXPECT_THAT(live_line(row, 200),
                HasSubstr("waiting for somebody who has it  (the tracker knows 0 seeds)"));
    status.peers = 2;
    status.all_available = true;
    EXPECT_THAT(live_line(row, 200), Not(HasSubstr("waiting")));
}

TEST(LiveLine, SaysThatItIsDone) {
    auto row = downloading();
    row.status.state = engine::TorrentState::seeding;
    EXPECT_THAT(live_line(row, 200), HasSubstr("shared with 1 peer"));
    row.done = true;
    EXPECT_THAT(live_line(row, 200),
                HasSubstr("done  100 B  until the rest is there shared with 1 peer  0 B/s"));
    row.status.peers = 0;
    EXPECT_THAT(live_line(row, 200), EndsWith("done  100 B"));
}

TEST(LiveLine, SaysThatItWaitsForRoom) {
    auto row = downloading();
    auto& status = row.status;
    status.state = engine::TorrentState::waiting;
    status.error = Error::system(ENOSPC, "write", "film");
    status.retry_in = std::chrono::seconds(5);
    EXPECT_EQ(
        plain_line(row),
        "film:  50 %  waits for disk space, 50 B more are to come  tries again in 5 s  write film: No space "
        "left on device");
    EXPECT_THAT(live_line(row, 60), HasSubstr("waits for disk space, 50 B"));
    EXPECT_THAT(live_line(row, 40), HasSubstr("waits for disk space"));
    status.error = Error::system(EIO, "write", "film");
    EXPECT_THAT(live_line(row, 200), HasSubstr("waits  tries again in 5 s  write film: "));
}

TEST(CompleteLine, SizeAndRateAreOfTheSameBytes) {
    engine::TorrentStatus status;
    status.name = "film";
    status.bytes_total = 100'000'000;
    const auto took = std::chrono::seconds(2);
    EXPECT_EQ(complete_line(status, took), "film: all 100 MB there and right");
    status.downloaded = 102'000'000;
    status.wasted = 2'000'000;
    EXPECT_EQ(complete_line(status, took), "film: all 100 MB there and right, in 2.0 s at 50 MB/s");
    status.downloaded = 42'000'000;
    EXPECT_EQ(complete_line(status, took),
              "film: all 100 MB there and right; 40 MB of it came now, in 2.0 s at 20 MB/s");
}

}  // namespace
}  // namespace spate::apps
