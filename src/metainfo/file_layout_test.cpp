#include "metainfo/file_layout.h"

#include <gtest/gtest.h>
#include <set>

#include "base/rng.h"
#include "metainfo/limits.h"

namespace spate::metainfo {
namespace {

using Alignment = FileLayout::Alignment;

FileLayout layout_of(const std::vector<std::uint64_t>& sizes, std::uint64_t piece_length, Alignment alignment,
                     const std::set<std::size_t>& pads = {}) {
    std::vector<File> files;
    for (std::size_t i = 0; i < sizes.size(); ++i)
        files.push_back(
            {.size = sizes[i], .attributes = {.pad = pads.contains(i)}, .path = std::to_string(i)});
    auto layout = FileLayout::make(std::move(files), {}, piece_length, alignment);
    EXPECT_TRUE(layout);
    return *layout;
}

TEST(Geometry, BlocksAndUnits) {
    EXPECT_EQ(units(0, 16), 0U);
    EXPECT_EQ(units(16, 16), 1U);
    EXPECT_EQ(units(17, 16), 2U);
    EXPECT_EQ(units(UINT64_MAX, 2), std::uint64_t{1} << 63);
    EXPECT_EQ(block_count(block_size + 1), 2U);
    EXPECT_EQ(block_length(block_size + 1, BlockIndex(0)), block_size);
    EXPECT_EQ(block_length(block_size + 1, BlockIndex(1)), 1U);
    EXPECT_FALSE(is_v2_piece_length(8192));
    EXPECT_TRUE(is_v2_piece_length(16384));
    EXPECT_FALSE(is_v2_piece_length(16385));
    EXPECT_EQ(piece_layer_height(16384), 0U);
    EXPECT_EQ(piece_layer_height(1 << 20), 6U);
}

TEST(Geometry, DefaultPieceLength) {
    constexpr std::uint64_t kib = 1 << 10, mib = 1 << 20, gib = 1 << 30;
    const std::pair<std::uint64_t, std::uint64_t> rows[] = {
        {0, 32 * kib},           {1, 32 * kib},
        {64 * mib, 32 * kib},    {64 * mib + 1, 64 * kib},
        {gib, 512 * kib},        {4 * gib, 2 * mib},
        {32 * gib, 16 * mib},    {1024 * gib, 16 * mib},
        {65536 * gib, 16 * mib}, {65536 * gib + 1, 32 * mib}};
    for (const auto& [size, length] : rows) EXPECT_EQ(default_piece_length(size), length) << size;
}

TEST(FileLayout, V1FilesLieEndToEnd) {
    const auto layout = layout_of({10, 0, 25, 1}, 16, Alignment::none);
    EXPECT_EQ(layout.piece_count(), 3U);
    EXPECT_EQ(layout.piece_size(PieceIndex(0)), 16U);
    EXPECT_EQ(layout.piece_size(PieceIndex(2)), 4U);
    EXPECT_EQ(layout.file_at(9).value, 0U);
    EXPECT_EQ(layout.file_at(10).value, 2U);
    EXPECT_EQ(layout.pieces_of(FileIndex(2)).first.value, 0U);
    EXPECT_EQ(layout.pieces_of(FileIndex(2)).end.value, 3U);
    EXPECT_TRUE(layout.pieces_of(FileIndex(1)).empty());
    const auto slices = layout.slices(5, 31);
    ASSERT_EQ(slices.size(), 3U);
    EXPECT_EQ(slices[0].offset, 5U);
    EXPECT_EQ(slices[1].size, 25U);
    EXPECT_EQ(slices[2].file.value, 3U);
    EXPECT_TRUE(layout.slices(36, 5).empty());
    EXPECT_TRUE(layout.slices(0, 0).empty());
    EXPECT_EQ(layout.slices(35, UINT64_MAX).size(), 1U);
}

TEST(FileLayout, V2FilesStartAtPieces) {
    const auto layout = layout_of({10, 0, 33, 0, 16, 0}, 16, Alignment::pieces);
    EXPECT_EQ(layout.piece_count(), 5U);
    EXPECT_EQ(layout.end(), 16U + 48U + 16U);
    EXPECT_EQ(layout.total_size(), 59U);
    const std::uint32_t sizes[] = {10, 16, 16, 1, 16};
    for (std::uint32_t i = 0; i < 5; ++i) EXPECT_EQ(layout.piece_size(PieceIndex(i)), sizes[i]);
    EXPECT_EQ(layout.file_at(12).value, 2U);  // a gap leads to the next file
    EXPECT_EQ(layout.slices(0, 80).size(), 3U);
    const auto all_empty = layout_of({0, 0}, 16, Alignment::pieces);
    EXPECT_EQ(all_empty.piece_count(), 0U);
}

TEST(FileLayout, PadFilesAreNoData) {
    const auto layout = layout_of({10, 6, 16, 4, 12}, 16, Alignment::none, {1, 4});
    EXPECT_EQ(layout.total_size(), 30U);
    EXPECT_EQ(layout.piece_size(PieceIndex(0)), 16U);
    EXPECT_EQ(layout.piece_data_size(PieceIndex(0)), 10U);
    EXPECT_EQ(layout.piece_data_size(PieceIndex(1)), 16U);
    EXPECT_EQ(layout.piece_data_size(PieceIndex(2)), 4U);
    EXPECT_TRUE(layout.slices(0, 16)[1].pad);
    EXPECT_EQ(layout_of({3, 32}, 16, Alignment::none, {0, 1}).piece_data_size(PieceIndex(1)), 0U);
}

TEST(FileLayout, LimitsOnBothSides) {
    const auto pieces = [](std::uint64_t size, Alignment alignment) {
        return FileLayout::make({File{.size = size}}, {}, piece_length_max, alignment);
    };
    constexpr auto most = piece_length_max * piece_count_max;
    for (const auto alignment : {Alignment::none, Alignment::pieces}) {
        EXPECT_TRUE(pieces(most, alignment));
        EXPECT_FALSE(pieces(most + 1, alignment));
        EXPECT_FALSE(pieces(UINT64_MAX, alignment));
    }
    EXPECT_FALSE(
        FileLayout::make({File{.size = most}, File{.size = UINT64_MAX}}, {}, 1 << 20, Alignment::none));
    EXPECT_TRUE(FileLayout::make({File{.size = piece_count_max}}, {}, 1, Alignment::none));
    EXPECT_FALSE(FileLayout::make({File{.size = piece_count_max + 1}}, {}, 1, Alignment::none));
    EXPECT_TRUE(FileLayout::make(std::vector<File>(file_count_max), {}, 1, Alignment::none));
    EXPECT_FALSE(FileLayout::make(std::vector<File>(file_count_max + 1), {}, 1, Alignment::none));
}

// Against a map of every byte.
TEST(FileLayout, RandomLayoutsAgreeWithAModel) {
    Rng rng(6);
    for (int round = 0; round < 400; ++round) {
        const auto alignment = rng.chance(1, 2) ? Alignment::none : Alignment::pieces;
        const std::uint64_t piece_length = 1 + rng.below(9);
        std::vector<std::uint64_t> sizes;
        for (auto n = 1 + rng.below(6); n > 0; --n) sizes.push_back(rng.below(12));
        const auto layout = layout_of(sizes, piece_length, alignment);
        std::vector<std::pair<std::size_t, std::uint64_t>>
            bytes;  // file and offset, or file SIZE_MAX in a gap
        for (std::size_t i = 0; i < sizes.size(); ++i) {
            while (alignment == Alignment::pieces && sizes[i] > 0 && bytes.size() % piece_length != 0)
                bytes.emplace_back(SIZE_MAX, 0);
            for (std::uint64_t k = 0; k < sizes[i]; ++k) bytes.emplace_back(i, k);
        }
        ASSERT_EQ(layout.end(), bytes.size());
        ASSERT_EQ(layout.piece_count(), units(bytes.size(), piece_length));
        const auto begin = rng.below(bytes.size() + 1), size = rng.below(bytes.size() + 3);
        std::vector<std::pair<std::size_t, std::uint64_t>> expected, found;
        for (auto at = begin; at < std::min<std::uint64_t>(begin + size, bytes.size()); ++at)
            if (bytes[at].first != SIZE_MAX) expected.push_back(bytes[at]);
        for (const auto& slice : layout.slices(begin, size))
            for (std::uint64_t k = 0; k < slice.size; ++k)
                found.emplace_back(slice.file.value, slice.offset + k);
        ASSERT_EQ(found, expected);
        for (std::uint32_t piece = 0; piece < layout.piece_count(); ++piece) {
            std::uint32_t data = 0;
            for (auto at = piece * piece_length;
                 at < std::min<std::uint64_t>((piece + 1) * piece_length, bytes.size()); ++at)
                data += bytes[at].first != SIZE_MAX;
            ASSERT_EQ(layout.piece_size(PieceIndex(piece)), data);
        }
    }
}

}  // namespace
}  // namespace spate::metainfo
