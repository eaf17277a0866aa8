// A stream of blocks is read without any allocation: every operator new of this program is counted.
#include <cstdlib>
#include <gtest/gtest.h>
#include <new>

#include "wire/peer_wire.h"
#include "wire/write.h"

namespace {
std::size_t allocations = 0;
}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
    ++allocations;
    if (void* memory = std::malloc(size)) return memory;
    throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
    std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

namespace spate::wire {
namespace {

TEST(PeerWire, BlocksNeedNoMemory) {
    Buffer stream;
    while (stream.size() < 1 << 20) {
        const auto header = piece_header({PieceIndex(5), 0, 16384});
        stream.insert(stream.end(), header.begin(), header.end());
        stream.resize(stream.size() + 16384);
        append(stream, Have{PieceIndex(7)});
    }
    PeerWire wire({.fast = true, .extended = true, .piece_count = 100, .offered = {}});
    std::vector<Event> events;
    events.reserve(100);
    const std::size_t warm_up = 16384 + 3 * 13;  // ends in a head: what the reader keeps for good
    ASSERT_TRUE(wire.feed(Bytes(stream).first(7), events));
    ASSERT_TRUE(wire.feed(Bytes(stream).subspan(7, warm_up), events));
    const std::size_t before = allocations;
    for (Bytes rest = Bytes(stream).subspan(7 + warm_up); !rest.empty();) {
        const Bytes part = rest.first(std::min<std::size_t>(rest.size(), 100'003));
        events.clear();
        ASSERT_TRUE(wire.feed(part, events));
        rest = rest.subspan(part.size());
    }
    EXPECT_EQ(allocations, before);
}

}  // namespace
}  // namespace spate::wire
