// Reading, writing, closing: Stream of io/stream.h.
#include <algorithm>
#include <array>
#include <gmock/gmock.h>

#include "tests/io_conformance/network_cases.h"

namespace spate::io {
namespace {

TEST_P(StreamConformance, BytesGoBothWays) {
    write_all(*near_, "ping");
    EXPECT_EQ(read_exactly(*far_, far_notes_, 4), "ping");
    write_all(*far_, "pong");
    EXPECT_EQ(read_exactly(*near_, near_notes_, 4), "pong");
}

TEST_P(StreamConformance, ReadingNothingWouldBlock) {
    std::array<std::uint8_t, 8> buffer{};
    const auto got = near_->read(buffer);
    ASSERT_TRUE(got) << got.error().message();
    EXPECT_TRUE(got->would_block);
    EXPECT_FALSE(got->at_end);
    EXPECT_EQ(got->count, 0u);
}

TEST_P(StreamConformance, WaitReadableAnswersOnceAndNotInsideTheCall) {
    far_->wait_readable();
    far_->wait_readable();
    run_a_while();
    EXPECT_EQ(far_notes_.readable, 0);
    write_all(*near_, "x");
    EXPECT_EQ(far_notes_.readable, 0);
    ASSERT_TRUE(run_until([&] { return far_notes_.readable > 0; }));
    write_all(*near_, "y");
    run_a_while();
    EXPECT_EQ(far_notes_.readable, 1);
    EXPECT_EQ(far_notes_.writable, 0);
}

TEST_P(StreamConformance, WhatASmallReadLeftMakesTheNextWaitAnswer) {
    write_all(*near_, "abcdef");
    for (const char expected : std::string("abcdef")) {
        const int before = far_notes_.readable;
        far_->wait_readable();
        EXPECT_EQ(far_notes_.readable, before);
        ASSERT_TRUE(run_until([&] { return far_notes_.readable > before; }));
        EXPECT_EQ(read_exactly(*far_, far_notes_, 1), std::string(1, expected));
    }
    far_->wait_readable();
    const int before = far_notes_.readable;
    run_a_while();
    EXPECT_EQ(far_notes_.readable, before);
}

TEST_P(StreamConformance, WaitingInsideTheHandlerIsAnsweredInALaterTurn) {
    int depth = 0;
    far_notes_.then = [&] {
        EXPECT_EQ(++depth, 1);
        if (far_notes_.readable < 3) far_->wait_readable();
        --depth;
    };
    write_all(*near_, "x");  // never read: readable all the time
    far_->wait_readable();
    EXPECT_TRUE(run_until([&] { return far_notes_.readable == 3; }));
}

TEST_P(StreamConformance, AWaitForWritingIsAnsweredWhileThereIsRoom) {
    near_->wait_writable();
    EXPECT_EQ(near_notes_.writable, 0);
    ASSERT_TRUE(run_until([&] { return near_notes_.writable == 1; }));
    near_->wait_writable();
    ASSERT_TRUE(run_until([&] { return near_notes_.writable == 2; }));
    run_a_while();
    EXPECT_EQ(near_notes_.writable, 2);
}

TEST_P(StreamConformance, WaitingForBothIsTwoAnswers) {
    write_all(*far_, "x");
    near_->wait_readable();
    near_->wait_writable();
    ASSERT_TRUE(run_until([&] { return near_notes_.readable > 0 && near_notes_.writable > 0; }));
    run_a_while();
    EXPECT_EQ(near_notes_.readable, 1);
    EXPECT_EQ(near_notes_.writable, 1);
}

TEST_P(StreamConformance, GatheredPartsArriveInOrder) {
    const std::array<Bytes, 4> parts{as_bytes("one "), as_bytes(""), as_bytes("two "), as_bytes("three")};
    const auto put = near_->write(parts);
    ASSERT_TRUE(put) << put.error().message();
    EXPECT_EQ(put->count, 13u);
    EXPECT_EQ(read_exactly(*far_, far_notes_, 13), "one two three");
}

TEST_P(StreamConformance, OneWriteLooksAtSixtyFourParts) {
    std::string letters;
    for (int i = 0; i < 70; ++i) letters += static_cast<char>('0' + i);
    std::vector<Bytes> parts;
    for (std::size_t i = 0; i < letters.size(); ++i) parts.push_back(as_bytes(letters).subspan(i, 1));
    const auto put = near_->write(parts);
    ASSERT_TRUE(put) << put.error().message();
    EXPECT_GE(put->count, 1u);
    EXPECT_LE(put->count, 64u);
    EXPECT_EQ(read_exactly(*far_, far_notes_, put->count), letters.substr(0, put->count));
}

TEST_P(StreamConformance, WhenNobodyReadsWritingWouldBlockUntilSomebodyDoes) {
    std::size_t sent = fill(*near_);
    EXPECT_GT(sent, 0u);
    for (std::size_t more = 1; more != 0; sent += more) {  // until what is on its way has arrived too
        run_a_while();
        more = fill(*near_);
    }
    near_->wait_writable();
    run_a_while();
    EXPECT_EQ(near_notes_.writable, 0);
    EXPECT_EQ(read_exactly(*far_, far_notes_, sent).size(), sent);
    ASSERT_TRUE(run_until([&] { return near_notes_.writable == 1; }));
    EXPECT_GT(fill(*near_), 0u);
}

TEST_P(StreamConformance, WhatArrivedIsConfirmedAndWhatNobodyReadsIsNot) {
    EXPECT_EQ(near_->unconfirmed(), 0u);
    const std::array parts{as_bytes("hello")};
    ASSERT_TRUE(near_->write(parts));
    EXPECT_TRUE(run_until([&] { return near_->unconfirmed() == 0; })) << "as there is room for it";
    EXPECT_EQ(read_exactly(*far_, far_notes_, 5), "hello");
    std::size_t sent = fill(*near_);
    for (std::size_t more = 1; more != 0; sent += more) {
        run_a_while();
        more = fill(*near_);
    }
    const std::size_t waiting = near_->unconfirmed();
    EXPECT_GT(waiting, 0u);
    EXPECT_LT(waiting, sent);
    run_a_while();
    EXPECT_EQ(near_->unconfirmed(), waiting);
    EXPECT_EQ(read_exactly(*far_, far_notes_, sent).size(), sent);
    EXPECT_TRUE(run_until([&] { return near_->unconfirmed() == 0; }));
}

TEST_P(StreamConformance, LittleWaitsUnsentWhereItIsLimited) {
    const auto taken_while_nobody_reads = [&] {
        std::size_t sent = fill(*near_);
        for (std::size_t more = 1; more != 0; sent += more) {
            run_a_while();
            more = fill(*near_);
        }
        return sent;
    };
    constexpr std::size_t limit = 4096;
    near_->limit_unsent(limit);
    const std::size_t limited = taken_while_nobody_reads();
    near_->limit_unsent(100 << 20);
    const std::size_t more = taken_while_nobody_reads();
    EXPECT_GE(more, limit * 2);
    near_->wait_writable();
    EXPECT_EQ(read_exactly(*far_, far_notes_, limited + more).size(), limited + more);
    EXPECT_TRUE(run_until([&] { return near_notes_.writable == 1; }));
}

TEST_P(StreamConformance, ALongTextArrivesWholeWhateverThePieces) {
    std::string text(3'000'000, ' ');
    for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>('a' + (i * 7 + i / 1000) % 26);
    std::size_t sent = 0;
    near_notes_.then = [&] {
        const std::array<Bytes, 2> parts{
            as_bytes(text).subspan(sent, std::min<std::size_t>(7, text.size() - sent)),
            as_bytes(text).subspan(std::min(sent + 7, text.size()))};
        const auto put = near_->write(parts);
        ASSERT_TRUE(put) << put.error().message();
        sent += put->count;
        if (sent < text.size()) near_->wait_writable();
    };
    near_->wait_writable();
    EXPECT_TRUE(read_exactly(*far_, far_notes_, text.size()) == text);
}

TEST_P(StreamConformance, ShutdownWriteEndsOneDirectionOnly) {
    write_all(*near_, "last words");
    near_->shutdown_write();
    std::string heard;
    EXPECT_EQ(read_to_end(*far_, far_notes_, &heard), std::nullopt);
    EXPECT_EQ(heard, "last words");
    write_all(*far_, "answer");
    EXPECT_EQ(read_exactly(*near_, near_notes_, 6), "answer");
}

TEST_P(StreamConformance, TheEndStaysTheEnd) {
    near_->shutdown_write();
    EXPECT_EQ(read_to_end(*far_, far_notes_), std::nullopt);
    const int before = far_notes_.readable;
    far_->wait_readable();
    ASSERT_TRUE(run_until([&] { return far_notes_.readable > before; }));
    EXPECT_EQ(read_to_end(*far_, far_notes_), std::nullopt);
}

TEST_P(StreamConformance, WritingAfterShutdownIsABrokenPipe) {
    near_->shutdown_write();
    const std::array parts{as_bytes("x")};
    const auto put = near_->write(parts);
    ASSERT_FALSE(put);
    EXPECT_TRUE(put.error().is(std::errc::broken_pipe)) << put.error().message();
}

TEST_P(StreamConformance, DestroyedItSendsWhatWasWrittenThenTheEnd) {
    write_all(*near_, "goodbye");
    near_.reset();
    std::string heard;
    EXPECT_EQ(read_to_end(*far_, far_notes_, &heard), std::nullopt);
    EXPECT_EQ(heard, "goodbye");
}

TEST_P(StreamConformance, AbortGivesTheOtherSideAReset) {
    near_->abort();
    const auto error = read_to_end(*far_, far_notes_);
    ASSERT_TRUE(error);
    EXPECT_TRUE(error->is(std::errc::connection_reset)) << error->message();
    const std::array parts{as_bytes("x")};
    EXPECT_FALSE(far_->write(parts));
}

TEST_P(StreamConformance, AfterAbortNothingWorksAndNoHandlerRuns) {
    near_->wait_readable();
    near_->wait_writable();
    near_->abort();
    near_->abort();
    near_->wait_readable();
    near_->shutdown_write();
    run_a_while();
    EXPECT_EQ(near_notes_.readable + near_notes_.writable, 0);
    std::array<std::uint8_t, 4> buffer{};
    const auto got = near_->read(buffer);
    ASSERT_FALSE(got);
    EXPECT_TRUE(got.error().is(std::errc::bad_file_descriptor)) << got.error().message();
    const std::array parts{as_bytes("x")};
    EXPECT_FALSE(near_->write(parts));
}

TEST_P(StreamConformance, WritingToOneThatIsGoneIsAnErrorInTheEnd) {
    far_.reset();
    EXPECT_TRUE(run_until([&] {
        const std::array parts{as_bytes("x")};
        const auto put = near_->write(parts);
        return !put &&
               (put.error().is(std::errc::broken_pipe) || put.error().is(std::errc::connection_reset));
    }));
}

TEST_P(StreamConformance, AWaitIsAnsweredWhenTheOtherSideGoes) {
    fill(*near_);
    near_->wait_readable();
    near_->wait_writable();
    far_->abort();
    EXPECT_TRUE(run_until([&] { return near_notes_.readable == 1 && near_notes_.writable == 1; }));
}

TEST_P(StreamConformance, DestroyedWhileWaitingNoHandlerRuns) {
    near_->wait_readable();
    near_->wait_writable();
    write_all(*far_, "x");
    near_.reset();
    run_a_while();
    EXPECT_EQ(near_notes_.readable + near_notes_.writable, 0);
}

TEST_P(StreamConformance, DestroyedInOneHandlerTheOtherDoesNotRun) {
    write_all(*far_, "x");
    run_a_while();  // both answers will be ready in the same turn
    near_->wait_readable();
    near_->wait_writable();
    near_notes_.then = [&] { near_.reset(); };
    ASSERT_TRUE(run_until([&] { return near_ == nullptr; }));
    run_a_while();
    EXPECT_EQ(near_notes_.readable + near_notes_.writable, 1);
}

TEST_P(StreamConformance, OneStreamsHandlerMayDestroyAnotherThatIsReadyToo) {
    write_all(*near_, "x");
    write_all(*far_, "x");
    run_a_while();
    near_->wait_readable();
    far_->wait_readable();
    near_notes_.then = [&] { far_.reset(); };
    far_notes_.then = [&] { near_.reset(); };
    ASSERT_TRUE(run_until([&] { return !near_ || !far_; }));
    run_a_while();
    EXPECT_EQ(near_notes_.readable + far_notes_.readable, 1);
}

}  // namespace
}  // namespace spate::io
