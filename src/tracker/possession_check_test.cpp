#include "tracker/possession_check.h"

#include <gtest/gtest.h>
#include <set>

#include "classic/chunk_request.h"

namespace spate::tracker {
namespace {

std::set<std::uint64_t> starts(std::uint64_t size, std::size_t count, std::uint64_t seed) {
    Rng rng(seed);
    std::set<std::uint64_t> found;
    for (const ByteRange& chunk : chunks_to_probe(size, count, rng)) {
        EXPECT_LE(chunk.end, size);
        EXPECT_LE(chunk.end - chunk.start, classic::chunk_bytes_max);
        EXPECT_TRUE(found.insert(chunk.start).second) << "twice";
    }
    return found;
}

TEST(ChunksToProbe, AsManyAsAreAskedForTheFirstAndTheLastAmongThem) {
    constexpr std::uint64_t size = 5 * classic::chunk_bytes_max - 24;
    for (std::uint64_t seed = 0; seed < 500; ++seed) {
        const auto found = starts(size, 4, seed);
        EXPECT_EQ(found.size(), 4U) << seed;
        EXPECT_TRUE(found.contains(0) && found.contains(4 * classic::chunk_bytes_max)) << seed;
    }
}

TEST(ChunksToProbe, OfASmallFileAllThereIs) {
    EXPECT_EQ(starts(0, 4, 1).size(), 0U);
    EXPECT_EQ(starts(1, 4, 1), (std::set<std::uint64_t>{0}));
    EXPECT_EQ(starts(classic::chunk_bytes_max + 1, 4, 1),
              (std::set<std::uint64_t>{0, classic::chunk_bytes_max}));
    EXPECT_EQ(starts(100 * classic::chunk_bytes_max, 1, 1), (std::set<std::uint64_t>{0}));
    EXPECT_EQ(starts(100 * classic::chunk_bytes_max, 0, 1).size(), 0U);
}

}  // namespace
}  // namespace spate::tracker
