#include "piece_store/file_places.h"

#include <gmock/gmock.h>

namespace spate::piece_store {
namespace {

using metainfo::FileIndex;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using State = FileStamp::State;

constexpr FileIndex first{0};
constexpr FileIndex second{1};
constexpr FileIndex part{2};

class FilePlacesTest : public ::testing::Test {
  protected:
    void write(FileIndex file) {
        const auto life = places.begin_write(file);
        ASSERT_TRUE(life);
        places.end_write(file, *life, true);
    }
    State state(FileIndex file) { return places.stamps().at(file.value).state; }
    static io::MarkedInfo info(std::uint64_t size, std::uint32_t time) {
        return {{io::FileKind::file, size, {}, time}, {time, false}};
    }
    static FileStamp stamp(std::uint64_t size, std::uint32_t time) {
        return stamp_of(info(size, time), State::in_work);
    }
    FilePlaces places{3};
};

TEST_F(FilePlacesTest, AFileIsInWorkFromItsFirstWriteUntilASyncFindsItAtRest) {
    EXPECT_TRUE(places.absent(first));
    write(first);
    EXPECT_TRUE(places.take_begun());
    write(first);
    EXPECT_FALSE(places.take_begun());
    const auto unsynced = places.take_unsynced();
    ASSERT_EQ(unsynced.size(), 1U);
    EXPECT_EQ(unsynced[0].file, first);
    write(first);  // meanwhile
    EXPECT_FALSE(places.note_synced(unsynced[0], stamp(5, 1), true));
    const auto again = places.take_unsynced();
    EXPECT_TRUE(places.note_synced(again.at(0), stamp(5, 2), true));
    EXPECT_EQ(state(first), State::settled);
    EXPECT_THAT(places.take_unsynced(), IsEmpty());
    EXPECT_TRUE(places.is_as_known(first, info(5, 2), 5));
    EXPECT_FALSE(places.is_as_known(first, info(5, 3), 5));
    const auto life = places.begin_write(first);
    EXPECT_TRUE(places.take_begun());
    EXPECT_TRUE(places.is_as_known(first, info(5, 3), 5)) << "our own change";
    EXPECT_FALSE(places.note_synced(places.take_unsynced().at(0), stamp(5, 3), true)) << "still written to";
    places.end_write(first, *life, true);
}

TEST_F(FilePlacesTest, OneThatCouldNotBeMadeIsNotSynced) {
    const auto life = places.begin_write(first);
    places.end_write(first, *life, false);
    EXPECT_THAT(places.take_unsynced(), IsEmpty());
    EXPECT_TRUE(places.absent(first));
}

TEST_F(FilePlacesTest, OnlyLossesThatWereTakenAreAllowed) {
    write(first);
    write(second);
    places.spoil(first);
    EXPECT_THAT(places.take_spoiled(), ElementsAre(first));
    places.spoil(second);
    places.allow_spoiled();
    EXPECT_TRUE(places.begin_write(first));
    EXPECT_FALSE(places.begin_write(second));
    EXPECT_TRUE(places.any_spoiled());
    EXPECT_THAT(places.take_spoiled(), ElementsAre(second));
    EXPECT_THAT(places.take_spoiled(), IsEmpty());
    EXPECT_FALSE(places.begin_write(second));
    places.allow_spoiled();
    EXPECT_TRUE(places.begin_write(second));
    EXPECT_FALSE(places.any_spoiled());
}

TEST_F(FilePlacesTest, WhatBelongsToAnEarlierLifeChangesNothing) {
    write(first);
    const auto unsynced = places.take_unsynced();
    const auto life = places.begin_write(first).value();
    EXPECT_EQ(places.known(first, life), true);
    const auto losses = places.taken_losses();
    places.spoil(first);
    places.spoil(first);
    EXPECT_EQ(places.known(first, life), std::nullopt);
    EXPECT_GT(places.life(first), losses);
    EXPECT_EQ(places.life(second), losses);
    EXPECT_EQ(places.take_spoiled().size(), 1U);
    EXPECT_EQ(places.taken_losses(), places.life(first));
    places.allow_spoiled();
    places.end_write(first, life, true);
    places.note_known(first, life);
    EXPECT_FALSE(places.note_synced(unsynced.at(0), stamp(5, 1), true));
    EXPECT_TRUE(places.absent(first));
    EXPECT_EQ(places.known(first, places.life(first)), false);
}

TEST_F(FilePlacesTest, ASyncIsForNoFileWhoseLossWasTaken) {
    write(first);
    places.spoil(first);
    EXPECT_EQ(places.take_unsynced().size(), 1U) << "whoever syncs it finds out";
    EXPECT_EQ(places.take_spoiled().size(), 1U);
    EXPECT_THAT(places.take_unsynced(), IsEmpty());
}

TEST_F(FilePlacesTest, WhatSomebodyChangedIsLookedAtUntilItIsThere) {
    places.begin(first, {.stamp = stamp_of(info(5, 1), State::settled), .known = true});
    places.note_changed(first);
    EXPECT_THAT(places.changed(), ElementsAre(first));
    places.look_again(first, {}, true);
    EXPECT_THAT(places.changed(), ElementsAre(first));
    places.look_again(first, stamp_of(info(5, 2), State::settled), true);
    EXPECT_THAT(places.changed(), IsEmpty());
    EXPECT_TRUE(places.is_as_known(first, info(5, 2), 5));
    EXPECT_EQ(places.take_unsynced().size(), 1U);
}

TEST_F(FilePlacesTest, ThePartFileIsIdleWhenNothingIsInIt) {
    EXPECT_FALSE(places.part_file_is_idle());
    places.set_in_part(first, true);
    const auto life = places.begin_write(part);
    places.set_in_part(first, false);
    EXPECT_FALSE(places.part_file_is_idle());
    places.end_write(part, *life, true);
    EXPECT_TRUE(places.part_file_is_idle());
}

TEST_F(FilePlacesTest, OnlyASettledFileLooksOtherwiseAfterAMove) {
    places.begin(first, {.stamp = stamp_of(info(5, 1), State::settled), .known = true});
    places.note_moved(first, info(5, 7));
    EXPECT_TRUE(places.is_as_known(first, info(5, 7), 5));
    places.note_moved(second, info(5, 7));
    EXPECT_TRUE(places.absent(second));
}

}  // namespace
}  // namespace spate::piece_store
