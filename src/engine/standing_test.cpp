#include "engine/standing.h"

#include <cerrno>
#include <gtest/gtest.h>

namespace spate::engine {
namespace {

TEST(Standing, OneThatWakesUpWasSeedingAllTheTime) {
    Standing standing;
    EXPECT_TRUE(standing.is_news(TorrentState::opening));
    EXPECT_FALSE(standing.enter(TorrentState::opening));
    EXPECT_TRUE(standing.is_news(TorrentState::opening));  // again, after an error
    EXPECT_TRUE(standing.is_news(TorrentState::seeding));
    EXPECT_FALSE(standing.enter(TorrentState::seeding));
    EXPECT_FALSE(standing.is_news(TorrentState::seeding));
    EXPECT_FALSE(standing.is_news(TorrentState::opening));
    EXPECT_TRUE(standing.is_news(TorrentState::waiting));
}

TEST(Standing, CompleteIsToldOnceUntilItIsLost) {
    Standing standing;
    standing.enter(TorrentState::seeding);
    EXPECT_EQ(standing.on_complete(), Standing::Complete::first);
    EXPECT_EQ(standing.on_complete(), Standing::Complete::known);
    EXPECT_FALSE(standing.enter(TorrentState::seeding));
    EXPECT_TRUE(standing.enter(TorrentState::downloading));
    EXPECT_FALSE(standing.enter(TorrentState::waiting));
    standing.enter(TorrentState::seeding);
    EXPECT_EQ(standing.on_complete(), Standing::Complete::again);
}

TEST(Standing, AStatusSaysAllOfIt) {
    Standing standing;
    standing.enter(TorrentState::failed);
    standing.fail(Error::system(ENOSPC, "write", "/data"));
    standing.set_warning("t: too often");
    TorrentStatus status;
    standing.fill(status);
    EXPECT_EQ(status.state, TorrentState::failed);
    ASSERT_TRUE(status.error);
    EXPECT_EQ(status.tracker_warning, "t: too often");
}

}  // namespace
}  // namespace spate::engine
