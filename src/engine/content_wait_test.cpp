#include "engine/content_wait.h"

#include <cerrno>
#include <gtest/gtest.h>

namespace spate::engine {
namespace {

using std::chrono::seconds;

class ContentWaitTest : public ::testing::Test {
  protected:
    const Error full = Error::system(ENOSPC, "write", "/data/a");
    TimePoint now{};
    ContentWait wait;
};

TEST_F(ContentWaitTest, TriesComeLessOftenUntilItIsWell) {
    for (const int expected : {5, 10, 20, 40, 60, 60}) {
        wait.on_trouble(full, now);
        wait.on_trouble(full, now);  // of another piece
        EXPECT_EQ(wait.retry_at() - now, seconds(expected));
        EXPECT_FALSE(wait.begin_try(now));
        now = wait.retry_at();
        ASSERT_TRUE(wait.begin_try(now));
    }
    wait.on_well();
    EXPECT_FALSE(wait.waiting());
    wait.on_trouble(full, now);
    EXPECT_EQ(wait.retry_at() - now, seconds(5));
}

TEST_F(ContentWaitTest, ATryThatTakesLongIsTheOnlyOne) {
    wait.on_trouble(full, now);
    now += seconds(5);
    ASSERT_TRUE(wait.begin_try(now));
    EXPECT_FALSE(wait.begin_try(now + seconds(600)));
    wait.end_try();
    EXPECT_TRUE(wait.begin_try(now + seconds(600)));
}

TEST_F(ContentWaitTest, ItSaysOnWhatAndWhatToDo) {
    wait.on_trouble(full, now);
    EXPECT_EQ(wait.why()->message(), "write /data/a: No space left on device; free some space on that disk");
    const auto before = wait.why()->message();
    wait.on_trouble(*wait.why(), now);
    EXPECT_EQ(wait.why()->message(), before);
    EXPECT_TRUE(may_pass(full));
    EXPECT_FALSE(may_pass(Error::system(EACCES, "open", "/data")));
    EXPECT_TRUE(is_forbidden(Error::system(EROFS, "open", "/data")));
    EXPECT_FALSE(is_forbidden(full));
}

}  // namespace
}  // namespace spate::engine
