#include "io/linux/line_writer.h"

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <string>
#include <sys/resource.h>
#include <unistd.h>

#include "io/linux/unique_fd.h"

namespace spate::io_linux {
namespace {
using ::testing::EndsWith;
using ::testing::StartsWith;

constexpr Duration long_enough = std::chrono::seconds(20);
constexpr Duration at_once = Duration::zero();

class LineWriterTest : public ::testing::Test {
  protected:
    void SetUp() override {
        std::array<int, 2> ends{};
        ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
        read_.reset(ends[0]);
        write_.reset(ends[1]);
    }
    std::unique_ptr<LineWriter> start() {
        auto writer = LineWriter::start(write_.get());
        EXPECT_TRUE(writer);
        return writer ? std::move(*writer) : nullptr;
    }
    // Until the text ends so.
    std::string read_until(const std::string& end) {
        std::string text;
        std::array<char, 65'536> buffer;
        pollfd more{.fd = read_.get(), .events = POLLIN, .revents = 0};
        while (!text.ends_with(end) && ::poll(&more, 1, 20'000) == 1) {
            const auto got = ::read(read_.get(), buffer.data(), buffer.size());
            if (got <= 0) break;
            text.append(buffer.data(), static_cast<std::size_t>(got));
        }
        return text;
    }
    // More than pipe, piece and queue hold together; how many lines.
    static std::size_t fill(LineWriter& writer) {
        const std::size_t lines = 30;
        for (std::size_t i = 0; i < lines; ++i) writer.write(std::string(100'000, 'x'));
        return lines;
    }

    UniqueFd read_;
    UniqueFd write_;
};

std::size_t lines_in(const std::string& text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

TEST_F(LineWriterTest, LinesComeOutInOrder) {
    const auto writer = start();
    writer->write("one");
    writer->write("");
    writer->write("three\nand four");
    EXPECT_TRUE(writer->flush(long_enough));
    EXPECT_EQ(read_until("four\n"), "one\n\nthree\nand four\n");
}

TEST_F(LineWriterTest, ItsEndWritesWhatIsQueued) {
    auto writer = start();
    for (int i = 0; i < 1'000; ++i) writer->write(std::to_string(i));
    writer.reset();
    const auto text = read_until("\n999\n");
    EXPECT_THAT(text, StartsWith("0\n1\n2\n"));
    EXPECT_EQ(lines_in(text), 1'000u);
}

TEST_F(LineWriterTest, APipeThatNobodyReadsHoldsNobodyAndTheGapIsTold) {
    const auto writer = start();
    const auto lines = fill(*writer);
    EXPECT_FALSE(writer->flush(at_once));
    const std::string end = " lines left out)\n";
    const auto text = read_until(end);
    const auto whole = lines_in(text) - 1;
    EXPECT_LT(whole, lines);
    EXPECT_GE(whole, LineWriter::queue_max / 100'001);
    EXPECT_THAT(text, EndsWith("x\n(" + std::to_string(lines - whole) + end));
    EXPECT_TRUE(writer->flush(long_enough));
    writer->write("again");
    EXPECT_EQ(read_until("again\n"), "again\n");
}

TEST_F(LineWriterTest, ALineLongerThanTheQueueIsLeftOut) {
    const auto writer = start();
    for (int i = 0; i < 100; ++i) {  // its thread is at rest in some of the rounds
        writer->write(std::string(LineWriter::queue_max, 'x'));
        ASSERT_EQ(read_until("\n"), "(1 line left out)\n");
        ASSERT_TRUE(writer->flush(long_enough));
    }
}

TEST_F(LineWriterTest, ItsEndGivesUpOnAReaderThatStalls) {
    auto writer = start();
    fill(*writer);
    writer.reset();
    SUCCEED();  // it came back
}

TEST_F(LineWriterTest, AClosedPipeMakesItSilent) {
    const auto writer = start();
    read_.reset();
    writer->write("nobody hears");
    EXPECT_FALSE(writer->flush(long_enough));
    fill(*writer);
    EXPECT_FALSE(writer->flush(long_enough));
}

TEST_F(LineWriterTest, APipeClosedWhileItIsFullMakesItSilent) {
    const auto writer = start();
    fill(*writer);
    read_.reset();
    EXPECT_FALSE(writer->flush(long_enough));
    writer->write("nobody hears");
}

TEST_F(LineWriterTest, ADescriptorMadeNonBlockingIsWaitedFor) {
    ASSERT_EQ(::fcntl(write_.get(), F_SETFL, O_NONBLOCK), 0);
    const auto writer = start();
    const std::string line(500'000, 'x');
    writer->write(line);
    writer->write("end");
    EXPECT_EQ(read_until("end\n"), line + "\nend\n");
}

// A file that may not grow stands for a full disk.
TEST_F(LineWriterTest, WhatAnErrorTookIsToldWhenItIsOver) {
    const UniqueFd file(::open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    write_.reset(::fcntl(file.get(), F_DUPFD_CLOEXEC, 0));
    const auto writer = start();
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    rlimit none = before;
    none.rlim_cur = 0;
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &none), 0);
    for (int i = 0; i < 3; ++i) {
        writer->write("lost");
        EXPECT_FALSE(writer->flush(long_enough));
    }
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    writer->write("back");
    EXPECT_TRUE(writer->flush(long_enough));
    std::array<char, 64> text{};
    const auto size = ::pread(file.get(), text.data(), text.size(), 0);
    EXPECT_EQ(std::string_view(text.data(), static_cast<std::size_t>(size)), "(3 lines left out)\nback\n");
}

TEST(LineWriter, ADescriptorThatIsNoneIsAnError) {
    const auto writer = LineWriter::start(-1);
    ASSERT_FALSE(writer);
    EXPECT_TRUE(writer.error().is(std::errc::bad_file_descriptor));
}

}  // namespace
}  // namespace spate::io_linux
