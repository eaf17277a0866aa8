#include "io/linux/limits.h"

#include <cerrno>
#include <cstdlib>
#include <gtest/gtest.h>
#include <unistd.h>

namespace spate::io_linux {
namespace {

void write_to_a_closed_pipe() {
    int ends[2];
    if (::pipe(ends) != 0) ::_exit(2);
    ::close(ends[0]);
    ::_exit(::write(ends[1], "x", 1) == -1 && errno == EPIPE ? 0 : 1);
}

TEST(LimitsDeathTest, AClosedPipeIsAnErrorOnceBrokenPipesAreIgnored) {
    EXPECT_EXIT(write_to_a_closed_pipe(), testing::KilledBySignal(SIGPIPE), "");
    EXPECT_EXIT((ignore_broken_pipes(), write_to_a_closed_pipe()), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace spate::io_linux
