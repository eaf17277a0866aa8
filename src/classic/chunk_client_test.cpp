#include "classic/chunk_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/rng.h"

namespace spate::classic {
namespace {

using enum ChunkForm;

TEST(ChunkAsk, EveryForm) {
    const auto text = [](ChunkForm form) {
        return write_chunk_request(form, "f", {1024, 2048}, {0, 5000}, 5000).value().text;
    };
    EXPECT_EQ(text(get), "<GET f 1024 2047>\n");
    EXPECT_EQ(text(bare_get), "GET f 1024 2048\n");
    EXPECT_EQ(text(getchunk), "<GETCHUNK f 1024 2048>\n");
    EXPECT_EQ(text(bare_getchunk), "GETCHUNK f 1024 2047\n");
    EXPECT_EQ(text(segment), "<GET SEG f 1024 1024>");
    EXPECT_EQ(text(nameless), "<GET 1024 2048>\n");
    EXPECT_EQ(text(bare_length), "GET f 1024 1024\n");
    EXPECT_EQ(text(plus), "<GET f 1024 +1024>\n");
}

TEST(ChunkAsk, OneByteIsNeverAskedInclusively) {
    const auto ask = [](ByteRange wanted, ByteRange available, std::uint64_t size) {
        return write_chunk_request(get, "f", wanted, available, size);
    };
    EXPECT_EQ(ask({5, 6}, {0, 5000}, 5000), (ChunkAsk{"<GET f 5 6>\n", {5, 7}}));
    EXPECT_EQ(ask({5, 6}, {0, 6}, 5000), (ChunkAsk{"<GET f 4 5>\n", {4, 6}}));
    EXPECT_EQ(ask({5, 6}, {5, 6}, 5000), std::nullopt);
    // The last byte has one meaning only, and so has the only one.
    EXPECT_EQ(ask({1024, 1025}, {0, 1025}, 1025), (ChunkAsk{"<GET f 1024 1024>\n", {1024, 1025}}));
    EXPECT_EQ(ask({0, 1}, {0, 1}, 1), (ChunkAsk{"<GET f 0 0>\n", {0, 1}}));
}

TEST(ChunkAsk, AtMostAChunk) {
    for (const ChunkForm form : chunk_form_fallbacks) {
        const auto ask = write_chunk_request(form, "f", {0, 100'000}, {0, 100'000}, 100'000);
        ASSERT_TRUE(ask);
        EXPECT_EQ(ask->asked, (ByteRange{0, 1024}));
    }
}

// Every request we write, for any range of any size, is read by our own serving side as what we meant.
TEST(ChunkAsk, HasOneMeaning) {
    Rng rng(11);
    for (int round = 0; round < 4000; ++round) {
        const std::uint64_t size = 1 + rng.below(rng.chance(1, 2) ? 12 : 3000);
        const std::uint64_t start = rng.below(size);
        const ByteRange wanted{start, start + 1 + rng.below(size - start)};
        const ByteRange available{rng.below(wanted.start + 1), wanted.end + rng.below(size - wanted.end + 1)};
        for (const ChunkForm form : chunk_form_fallbacks) {
            const auto ask = write_chunk_request(form, "f", wanted, available, size);
            const bool counted = form != get && form != bare_get && form != bare_length;
            if (counted) {
                ASSERT_TRUE(ask);
                const ByteRange first{wanted.start, std::min(wanted.end, wanted.start + 1024)};
                ASSERT_EQ(ask->asked, first);
            }
            if (!ask) continue;
            ASSERT_GE(ask->asked.start, available.start);
            ASSERT_LE(ask->asked.end, available.end);
            ASSERT_LE(ask->asked.size(), chunk_bytes_max);
            ASSERT_TRUE(ask->asked.start < wanted.end && wanted.start < ask->asked.end);
            const auto line = parse_chunk_request(ask->text.substr(0, ask->text.find('\n')));
            ASSERT_TRUE(std::holds_alternative<ChunkRequest>(line)) << ask->text;
            const auto resolved = resolve_chunk_request(std::get<ChunkRequest>(line), size);
            ASSERT_EQ(resolved.range, ask->asked) << ask->text << size;
        }
    }
}

// A gap is closed by asking again and again, whatever the form made of the range.
TEST(ChunkAsk, AWholeFileCanBeAskedForInEveryForm) {
    for (const ChunkForm form : chunk_form_fallbacks) {
        for (const std::uint64_t size :
             {1ull, 2ull, 3ull, 1023ull, 1024ull, 1025ull, 2047ull, 2049ull, 5000ull}) {
            RangeSet have;
            for (int asks = 0; asks < 20 && have.total() < size; ++asks) {
                const auto ask = write_chunk_request(form, "f", *have.first_gap({0, size}), {0, size}, size);
                ASSERT_TRUE(ask) << size;
                have.add(ask->asked);
            }
            EXPECT_EQ(have.total(), size);
        }
    }
}

}  // namespace
}  // namespace spate::classic
