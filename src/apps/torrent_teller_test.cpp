#include "apps/torrent_teller.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include "io/linux/terminal.h"
#include "io/linux/unique_fd.h"

namespace spate::apps {
namespace {

TEST(TorrentTeller, KeepsSayingThatItWaitsForRoom) {
    if (io_linux::stdout_is_terminal()) GTEST_SKIP() << "there it would draw";
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    const io_linux::UniqueFd read(ends[0]), write(ends[1]);
    auto out = io_linux::LineWriter::start(write.get());
    ASSERT_TRUE(out);
    TorrentTeller teller(Telling::plain, "spate get", **out);
    TorrentRow row;
    auto& status = row.status;
    status.state = engine::TorrentState::waiting;
    status.name = "film";
    status.bytes_total = 100;
    status.error = Error::system(ENOSPC, "write", "film");
    for (const int second : {0, 1, 4, 10, 65, 70})
        teller.show({row}, TimePoint{} + std::chrono::seconds(second));
    ASSERT_TRUE((*out)->flush(std::chrono::seconds(20)));
    std::array<char, 4096> buffer{};
    const auto got = ::read(read.get(), buffer.data(), buffer.size());
    ASSERT_GT(got, 0);
    const std::string text(buffer.data(), static_cast<std::size_t>(got));
    EXPECT_EQ(std::ranges::count(text, '\n'), 2) << text;  // after 3 s, then every minute
    EXPECT_THAT(text, ::testing::HasSubstr("waits for disk space"));
}

}  // namespace
}  // namespace spate::apps
