#include "engine/wanted_pieces.h"

#include <gtest/gtest.h>

namespace spate::engine {
namespace {

using metainfo::PieceIndex;

// Three files of 40 kB, pieces of 16 KiB: the second piece of each border lies in two of them.
metainfo::FileLayout three_files() {
    return metainfo::FileLayout::make(
               {{.size = 40'000, .path = "a"}, {.size = 40'000, .path = "b"}, {.size = 40'000, .path = "c"}},
               {}, 16'384, metainfo::FileLayout::Alignment::none)
        .value();
}

std::vector<std::uint32_t> wanted(const WantedPieces& pieces) {
    std::vector<std::uint32_t> found;
    const auto priorities = pieces.priorities();
    for (std::uint32_t i = 0; i < priorities.size(); ++i)
        if (priorities[i] > 0) found.push_back(i);
    return found;
}

TEST(WantedPieces, AllUnlessSomethingIsLeftOut) {
    const auto layout = three_files();
    WantedPieces pieces(layout, {});
    EXPECT_EQ(pieces.files(), std::vector(3, true));
    EXPECT_EQ(wanted(pieces).size(), layout.piece_count());
    metainfo::Bitfield have(layout.piece_count());
    pieces.count(have);
    EXPECT_EQ(pieces.bytes(), 120'000u);
    EXPECT_EQ(pieces.bytes_left(), 120'000u);
    pieces.on_there(PieceIndex(0));
    EXPECT_EQ(pieces.bytes_there(), 16'384u);
}

TEST(WantedPieces, BordersBelongToBothFiles) {
    const auto layout = three_files();
    const WantedPieces pieces(
        layout,
        {.wants = [](const metainfo::File& file) { return file.path == "b"; }, .only = {}, .part = {}});
    EXPECT_EQ(pieces.files(), (std::vector{false, true, false}));
    EXPECT_EQ(wanted(pieces), (std::vector<std::uint32_t>{2, 3, 4}));
}

TEST(WantedPieces, AMagnetsFilesAndAPartNarrowIt) {
    const auto layout = three_files();
    const WantedPieces pieces(
        layout, {.wants = {}, .only = {{0, 0}, {2, 2}}, .part = {.from_percent = 50, .to_percent = 100}});
    EXPECT_EQ(pieces.files(), (std::vector{true, false, true}));
    EXPECT_EQ(wanted(pieces), (std::vector<std::uint32_t>{4, 5, 6, 7}));
    EXPECT_FALSE(pieces.in_part(PieceIndex(3)));
    EXPECT_TRUE(pieces.in_part(PieceIndex(4)));
}

}  // namespace
}  // namespace spate::engine
