#include "apps/complaint.h"

#include <cerrno>
#include <gtest/gtest.h>

namespace spate::apps {
namespace {

TEST(Complaint, TheCommandsWordIsSaidOnce) {
    EXPECT_EQ(reason_text("spate share", Error::system(ENOENT, "share", "x")),
              "x: No such file or directory");
    EXPECT_EQ(reason_text("spate get", Error::system(ENOENT, "share", "x")),
              "share x: No such file or directory");
    EXPECT_EQ(reason_text("server", Error::invalid("listen on", "", "no")), "listen on: no");
}

TEST(Complaint, NothingFromOutsideReachesTheTerminalAsItIs) {
    EXPECT_EQ(reason_text("spate get", Error::invalid("get", "\x1b[2J", "no")), "\\x1b[2J: no");
}

}  // namespace
}  // namespace spate::apps
