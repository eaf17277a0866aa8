#include "engine/output_queue.h"

#include <algorithm>
#include <deque>
#include <gtest/gtest.h>

#include "base/rng.h"

namespace spate::engine {
namespace {

// Takes as many octets a call as it is told, then would block.
class Sink final : public io::Stream {
  public:
    std::deque<std::size_t> takes;
    std::vector<std::uint8_t> got;

    Result<io::Transfer> write(std::span<const Bytes> parts) override {
        EXPECT_LE(parts.size(), 64U);
        EXPECT_TRUE(std::ranges::none_of(parts, [](Bytes part) { return part.empty(); }));
        if (takes.empty()) return io::Transfer{.would_block = true};
        std::size_t room = takes.front();
        takes.pop_front();
        io::Transfer done;
        for (const Bytes part : parts) {
            const Bytes taken = part.first(std::min(room, part.size()));
            got.insert(got.end(), taken.begin(), taken.end());
            room -= taken.size();
            done.count += taken.size();
        }
        return done;
    }
    void set_handler(io::StreamHandler&) override {}
    void wait_readable() override {}
    void wait_writable() override {}
    Result<io::Transfer> read(MutableBytes) override { return io::Transfer{.would_block = true}; }
    void limit_unsent(std::size_t) override {}
    std::size_t unconfirmed() const override { return 0; }
    void shutdown_write() override {}
    void abort() override {}
    Endpoint local() const override { return {}; }
    Endpoint remote() const override { return {}; }
};

class OutputQueueTest : public ::testing::Test {
  protected:
    void message(std::uint32_t piece) {
        wire::append(queue.messages(), wire::Have{wire::PieceIndex(piece)});
        wire::append(expected, wire::Have{wire::PieceIndex(piece)});
    }
    piece_store::Window window_of(std::size_t size) {
        auto buffer = budget.take(size);
        for (auto& octet : buffer.bytes().first(size)) octet = static_cast<std::uint8_t>(rng.next());
        return std::make_shared<piece_store::WindowBuffer>(std::move(buffer), size);
    }
    // beyond: asked for behind the end of the file.
    void block(std::size_t size, std::size_t beyond = 0) {
        const auto window = window_of(size);
        const Bytes octets = window->bytes();
        const wire::BlockRequest request{wire::PieceIndex(1), 0, static_cast<std::uint32_t>(size + beyond)};
        const auto header = wire::piece_header(request);
        expected.insert(expected.end(), header.begin(), header.end());
        expected.insert(expected.end(), octets.begin(), octets.end());
        expected.insert(expected.end(), beyond, 0);
        queue.push_block(request, piece_store::BlockView(window, octets));
    }

    piece_store::BufferBudget budget{1 << 20};
    Rng rng{7};
    OutputQueue queue;
    Sink sink;
    std::vector<std::uint8_t> expected;
};

TEST_F(OutputQueueTest, MessagesAndBlocksGoOutInOrderHoweverTheyAreCut) {
    std::size_t blocks = 0;
    for (int round = 0; round < 2000; ++round) {
        for (std::uint64_t i = rng.below(4); i > 0; --i) {
            if (rng.chance(1, 2)) {
                message(static_cast<std::uint32_t>(round));
            } else {
                const std::size_t size = 1 + rng.below(300);
                block(size, rng.chance(1, 4) ? rng.below(100) : 0);
                blocks += size;
            }
        }
        for (std::uint64_t i = rng.below(3); i > 0; --i) sink.takes.push_back(1 + rng.below(400));
        const auto written = queue.write(sink);
        ASSERT_TRUE(written);
        blocks -= written->block_bytes;
        ASSERT_EQ(sink.got.size() + queue.size(), expected.size());
        ASSERT_EQ(written->blocked, !queue.empty());
    }
    sink.takes.assign(10'000, 100'000);
    const auto rest = queue.write(sink);
    ASSERT_TRUE(rest);
    EXPECT_EQ(rest->block_bytes, blocks);
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(sink.got, expected);
}

TEST_F(OutputQueueTest, ManySmallBlocksNeedSeveralGatheredWrites) {
    for (int i = 0; i < 200; ++i) block(16);
    message(9);
    sink.takes.assign(100, 1'000'000);
    ASSERT_TRUE(queue.write(sink));
    EXPECT_EQ(sink.got, expected);
}

// A block of one byte keeps its whole window in memory, and a window of one byte a whole buffer.
TEST_F(OutputQueueTest, WindowsThatBlocksKeepAreCounted) {
    constexpr std::size_t small = piece_store::BufferBudget::buffer_min;
    const auto window = window_of(small + 1);
    const auto other = window_of(1);
    const auto push = [&](const piece_store::Window& from) {
        queue.push_block({wire::PieceIndex(1), 0, 1}, piece_store::BlockView(from, from->bytes().first(1)));
    };
    push(window);
    push(window);
    EXPECT_EQ(queue.pinned(), 2 * small);
    push(other);
    EXPECT_EQ(queue.pinned(), 3 * small);
    EXPECT_LT(queue.size(), 100U);
    sink.takes = {14, 1000};
    ASSERT_TRUE(queue.write(sink));
    EXPECT_EQ(queue.pinned(), 0U);
    push(window);
    EXPECT_EQ(queue.pinned(), 2 * small);
}

TEST_F(OutputQueueTest, ABlockOfWhichNothingWasSentCanBeTakenBack) {
    const auto window = window_of(100);
    const auto request = [](std::uint32_t offset) {
        return wire::BlockRequest{wire::PieceIndex(1), offset, 12};
    };
    for (std::uint32_t offset = 0; offset < 5; ++offset) {  // each asked for 2 octets beyond the end
        queue.push_block(request(offset), piece_store::BlockView(window, window->bytes().first(10)));
        wire::append(queue.messages(), wire::Have{wire::PieceIndex(offset)});
    }
    sink.takes = {5};
    ASSERT_TRUE(queue.write(sink));
    std::uint64_t looked_at = 0;
    EXPECT_FALSE(queue.remove_block(request(0), looked_at));
    for (const std::uint32_t offset : {1U, 4U}) EXPECT_TRUE(queue.remove_block(request(offset), looked_at));
    EXPECT_FALSE(queue.remove_block(request(4), looked_at));
    EXPECT_EQ(looked_at, 5U + 2U + 4U + 3U);
    EXPECT_EQ(queue.pinned(), window->memory());
    for (std::uint32_t offset = 0; offset < 5; ++offset) {
        if (offset != 1 && offset != 4) {
            const auto header = wire::piece_header(request(offset));
            expected.insert(expected.end(), header.begin(), header.end());
            const Bytes octets = window->bytes().first(10);
            expected.insert(expected.end(), octets.begin(), octets.end());
            expected.insert(expected.end(), 2, 0);
        }
        wire::append(expected, wire::Have{wire::PieceIndex(offset)});
    }
    EXPECT_EQ(sink.got.size() + queue.size(), expected.size());
    sink.takes = {7, 1, 20, 1000};
    ASSERT_TRUE(queue.write(sink));
    EXPECT_EQ(sink.got, expected);
    EXPECT_EQ(queue.pinned(), 0U);
    EXPECT_TRUE(queue.empty());
}

}  // namespace
}  // namespace spate::engine
