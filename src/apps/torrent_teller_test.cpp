#include "apps/torrent_teller.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace spate::apps {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

engine::TorrentStatus downloading() {
    engine::TorrentStatus status;
    status.state = engine::TorrentState::downloading;
    status.name = "film";
    status.bytes_total = 100;
    status.bytes_have = 50;
    status.peers = 1;
    status.tracker_seeds = 0;
    return status;
}

TEST(LiveLine, SaysHowLongItTakesOnlyWhenItCanEnd) {
    auto status = downloading();
    status.rate_down = 50;
    status.eta = std::chrono::seconds(1);
    EXPECT_THAT(live_line(status, 200), Not(HasSubstr("left")));
    status.all_available = true;
    EXPECT_THAT(live_line(status, 200), HasSubstr("1 s left"));
}

TEST(LiveLine, SaysWhoIsWaitedFor) {
    auto status = downloading();
    EXPECT_THAT(live_line(status, 200),
                HasSubstr("waiting for somebody who has the rest (the tracker knows 0 seeds)"));
    status.peers = 0;
    EXPECT_THAT(live_line(status, 200),
                HasSubstr("waiting for somebody who has it (the tracker knows 0 seeds)"));
    status.peers = 2;
    status.all_available = true;
    EXPECT_THAT(live_line(status, 200), Not(HasSubstr("waiting")));
}

}  // namespace
}  // namespace spate::apps
