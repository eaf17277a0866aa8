#include "piece_store/stored_state.h"

#include <gtest/gtest.h>

#include "piece_store/test_torrent.h"

namespace spate::piece_store {
namespace {

using metainfo::FileIndex;
using metainfo::PieceIndex;

class StoredStateTest : public ::testing::Test {
  protected:
    StoredStateTest() {
        state.have = metainfo::Bitfield(layout.piece_count());
        state.have.set(PieceIndex(2));
        state.stamps = {{FileStamp::State::settled, 100'000, 1'700'000'000, 5, 0x0123456789abcdef},
                        {},
                        {FileStamp::State::in_work, 50'000, -3, 999'999'999},
                        {}};
        state.wanted = {true, false, true};
        state.renamed = {{FileIndex(0), "T/other"}, {FileIndex(2), "x"}};
        state.unfinished = {{PieceIndex(0), {false, true}}, {PieceIndex(4), {true, false}}};
        state.unchecked = metainfo::Bitfield(layout.piece_count());
        state.unchecked.set(PieceIndex(3));
        state.renaming = {{FileIndex(2), "y/z"}};
        state.moving = "/other";
    }
    // In which unchecked pieces were unfinished ones of which nothing is missing.
    std::vector<std::uint8_t> of_version_4() const {
        auto before = state;
        before.unchecked.clear();
        before.unfinished[PieceIndex(3)] = {true, true};
        auto octets = write_state(before);
        octets[7] = '4';
        constexpr std::ptrdiff_t unfinished = 4 + 3 * (4 + 1);
        octets.erase(octets.end() - unfinished - 1);
        return octets;
    }
    const TestTorrent torrent = make_torrent(metainfo::TorrentVersion::v1, {100'000, 0, 50'000}, 32'768);
    const metainfo::FileLayout& layout = torrent.layout();
    StoredState state;
};

TEST_F(StoredStateTest, WhatIsWrittenIsReadAgain) {
    EXPECT_EQ(read_state(write_state(state), layout), state);
    state.renamed.clear();
    EXPECT_EQ(read_state(write_state(state), layout), state);
}

TEST_F(StoredStateTest, OneOfBeforeThereWereUncheckedPiecesIsRead) {
    EXPECT_EQ(read_state(of_version_4(), layout), state);
}

// While a TB is checked, say. The network thread writes it every two seconds.
TEST_F(StoredStateTest, ManyUncheckedPiecesAreAFewOctets) {
    const auto large = make_torrent(metainfo::TorrentVersion::v1, {8 << 20}, 16'384);
    const auto pieces = large.pieces();
    StoredState checked{.have = metainfo::Bitfield(pieces), .stamps = {{}, {}}, .wanted = {true}};
    const auto least = write_state(checked).size();
    checked.unchecked = metainfo::Bitfield(pieces, true);
    const auto octets = write_state(checked);
    EXPECT_EQ(octets.size(), least + pieces / 8);
    EXPECT_EQ(read_state(octets, large.layout()), checked);
}

TEST_F(StoredStateTest, OneOfBeforeThereWereMarksIsRead) {
    auto octets = of_version_4();
    octets[7] = '3';
    const std::size_t stamps = 8 + 4 + 4 + (layout.piece_count() + 7) / 8 + 1;
    for (std::size_t at = stamps + 21, left = state.stamps.size(); left > 0; --left, at += 21)
        octets.erase(octets.begin() + static_cast<std::ptrdiff_t>(at),
                     octets.begin() + static_cast<std::ptrdiff_t>(at + 8));
    state.stamps[0].mark = 0;
    EXPECT_EQ(read_state(octets, layout), state);
}

TEST_F(StoredStateTest, ACutOneIsRefusedAtAnyLength) {
    const auto octets = write_state(state);
    for (std::size_t size = 0; size < octets.size(); ++size)
        EXPECT_FALSE(read_state(Bytes(octets).first(size), layout)) << size;
    auto longer = octets;
    longer.push_back(0);
    EXPECT_FALSE(read_state(longer, layout));
}

TEST_F(StoredStateTest, OneOfAnotherTorrentIsRefused) {
    const auto other = make_torrent(metainfo::TorrentVersion::v1, {100'000, 0, 70'000}, 32'768);
    EXPECT_FALSE(read_state(write_state(state), other.layout()));
}

TEST_F(StoredStateTest, BlocksOfAPieceThatIsThereOrWholeOrIsNoneAreRefused) {
    for (const std::uint32_t piece : {2U, layout.piece_count()}) {
        state.unfinished = {{PieceIndex(piece), {true, false}}};
        EXPECT_FALSE(read_state(write_state(state), layout)) << piece;
    }
    for (const bool all : {false, true}) {
        state.unfinished = {{PieceIndex(0), {all, all}}};
        EXPECT_FALSE(read_state(write_state(state), layout)) << all;
    }
    state.unfinished.clear();
    state.unchecked.set(PieceIndex(2));
    EXPECT_FALSE(read_state(write_state(state), layout));
}

TEST_F(StoredStateTest, APathThatLeavesTheFolderIsRefused) {
    for (const char* const path : {"../x", "/etc/passwd", "a//b", ""}) {
        state.renamed = {{FileIndex(0), path}};
        EXPECT_FALSE(read_state(write_state(state), layout)) << path;
        state.renamed.clear();
        state.renaming = {{FileIndex(0), path}};
        EXPECT_FALSE(read_state(write_state(state), layout)) << path;
    }
}

TEST_F(StoredStateTest, AFolderThatCannotBeOneIsRefused) {
    for (const std::string& folder : {std::string(5000, 'x'), std::string("/a\0b", 4)}) {
        state.moving = folder;
        EXPECT_FALSE(read_state(write_state(state), layout));
    }
}

}  // namespace
}  // namespace spate::piece_store
