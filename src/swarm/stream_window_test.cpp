#include "swarm/stream_window.h"

#include <algorithm>
#include <array>
#include <deque>
#include <gtest/gtest.h>

#include "swarm/picker_test_swarm.h"

namespace spate::swarm {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A fast and a trickling peer: the next pieces come in order and in time, whatever the slow one was asked
// for. Gives when each piece was there.
std::vector<double> times(bool window) {
    constexpr std::uint32_t pieces = 64, blocks = 4;
    PickerSwarm swarm(pieces_of_blocks(pieces, blocks));
    swarm.picker.set_sequential(true);
    swarm.seed(ann);
    swarm.seed(ben);
    StreamWindow stream(swarm.layout);
    std::vector<double> there(pieces, 0);
    std::array<std::deque<BlockRequest>, 2> queues;
    const auto take = [&](PeerKey peer) {
        auto& queue = queues[peer.value];
        if (queue.empty()) return;
        const auto block = queue.front();
        queue.pop_front();
        const auto outcome = swarm.picker.on_block(peer, block);
        for (const auto& [other, request] : outcome.cancel) std::erase(queues[other.value], request);
        if (!outcome.piece_complete) return;
        swarm.picker.verified(block.piece);
        there[block.piece.value] = std::chrono::duration<double>(swarm.now.time_since_epoch()).count();
    };
    for (int turn = 0; turn < 4000 && swarm.picker.missing() > 0; ++turn) {
        swarm.now += milliseconds(25);  // a block of the fast peer: 640 KiB/s
        take(ben);
        if (turn % 80 == 0) take(ann);  // every two seconds
        if (turn % 40 == 0) {
            swarm.picker.set_speed(ann, 8 << 10, false);
            swarm.picker.set_speed(ben, 640 << 10, false);
            if (window) stream.update(swarm.picker, 640 << 10, swarm.now);
        }
        for (const auto peer : {ann, ben})
            for (const auto& block : swarm.pick(peer, 4 - std::min(4U, swarm.picker.outstanding(peer))))
                queues[peer.value].push_back(block);
    }
    EXPECT_EQ(swarm.picker.missing(), 0U);
    return there;
}

// How long somebody who looks at `rate` pieces a second, one second behind, has to wait.
double stall(const std::vector<double>& there, double rate) {
    double late = 0;
    for (std::size_t i = 0; i < there.size(); ++i)
        late = std::max(late, there[i] - 1 - static_cast<double>(i) / rate);
    return late;
}

TEST(StreamWindow, ASlowPeerDoesNotHoldTheNextPiece) {
    const auto with = stall(times(true), 8);
    const auto without = stall(times(false), 8);
    EXPECT_LT(with, 1.0);
    EXPECT_GT(without, with);
}

TEST(StreamWindow, AsMuchAheadAsItsLimitsSay) {
    PickerSwarm swarm(pieces_of_blocks(100, 1));
    swarm.seed(ann);
    StreamWindow stream(swarm.layout);
    stream.update(swarm.picker, 0, swarm.now);
    EXPECT_EQ(stream.end(), PieceIndex(StreamWindow::pieces_max));
    for (std::uint32_t i = 0; i < 3; ++i) swarm.picker.verified(PieceIndex(i));
    set_priority(swarm.picker, PieceIndex(20), 0);
    stream.update(swarm.picker, 0, swarm.now + seconds(1));
    EXPECT_EQ(stream.end(), PieceIndex(StreamWindow::pieces_max + 3));
    PickerSwarm large(one_file(std::uint64_t{20} << 20, std::uint64_t{4} << 20));
    StreamWindow few(large.layout);
    few.update(large.picker, 0, large.now);
    EXPECT_EQ(few.end(), PieceIndex(4));
}

}  // namespace
}  // namespace spate::swarm
