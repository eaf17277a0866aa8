#include "piece_store/whereabouts.h"

#include <gmock/gmock.h>

#include "piece_store/resources.h"
#include "piece_store/test_world.h"

namespace spate::piece_store {
namespace {

using metainfo::FileIndex;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
constexpr std::uint32_t KiB = 1024;

class WhereaboutsTest : public StoreFixture, protected WhereaboutsOwner {
  protected:
    // Its two files are there, and whole.
    void begin_with(Claims& which) {
        options.metainfo = torrent.metainfo;
        options.folder = folder;
        options.trust = Trust::sizes;
        disk.put("/data/T/a", copy_of(torrent.file(0)));
        disk.put("/data/T/b", copy_of(torrent.file(1)));
        static_cast<void>(disk.open_folder(folder, io::IfMissing::make));
        files = std::make_shared<FileSet>(disk, resources->files(), options);
        ASSERT_TRUE(files->open(options.trust, {}));
        whereabouts = std::make_shared<Whereabouts>(world, files, options, which, syncs,
                                                    static_cast<WhereaboutsOwner&>(*this));
    }
    Whereabouts::Done answer() {
        return [this](Result<void> result) { answers.push_back(result ? "" : result.error().message()); };
    }
    // As a state would be asked for, made and saved.
    void save() {
        claims.given(claims.marked());
        for (auto& task : claims.saved()) task({});
        settle();
    }
    void save_fails() {
        for (auto& task : claims.not_saved()) task(fail(Error::system(ENOSPC, "save", "state")));
        settle();
    }

    void on_to_be_said() override { happened.emplace_back("to be said"); }
    void on_files_changed() override { happened.emplace_back("changed"); }
    void on_move_begun() override { happened.emplace_back("begun"); }
    void on_brought_back(std::span<const FileIndex> copies, const Error&) override {
        happened.push_back("back, copies: " + std::to_string(copies.size()));
    }
    void on_move_failed() override { happened.emplace_back("failed"); }
    void on_move_ended() override { happened.emplace_back("ended"); }

    const TestTorrent torrent = make_torrent(metainfo::TorrentVersion::v1, {100 * KiB, 100 * KiB}, 64 * KiB);
    StoreOptions options;
    Claims unclaimed{false};
    Claims claims{true};
    SyncQueue syncs{resources->syncs()};
    std::shared_ptr<FileSet> files;
    std::shared_ptr<Whereabouts> whereabouts;
    std::vector<std::string> happened;
    std::vector<std::string> answers;  // "": it worked
};

TEST_F(WhereaboutsTest, WhereNoStateSpeaksOfThemTheyAreMovedAtOnce) {
    begin_with(unclaimed);
    whereabouts->move_to("/other", {}, answer());
    EXPECT_TRUE(whereabouts->moving());
    EXPECT_TRUE(whereabouts->in_between());
    EXPECT_EQ(whereabouts->folder(), "/data") << "until it is done";
    settle();
    EXPECT_THAT(answers, ElementsAre(""));
    EXPECT_THAT(happened, ElementsAre("begun", "ended"));
    EXPECT_FALSE(whereabouts->moving());
    EXPECT_EQ(whereabouts->folder(), "/other");
    EXPECT_THAT(disk.names(), ElementsAre("/other/T/a", "/other/T/b"));
}

TEST_F(WhereaboutsTest, AStateSaysFirstWhatIsGoingToBeDone) {
    begin_with(claims);
    whereabouts->move_to("/other", {}, answer());
    settle();
    EXPECT_THAT(happened, ElementsAre("to be said"));
    EXPECT_TRUE(whereabouts->moving());
    EXPECT_FALSE(whereabouts->in_between());
    EXPECT_TRUE(disk.exists("/data/T/a"));
    save();
    EXPECT_THAT(answers, ElementsAre(""));
    EXPECT_THAT(disk.names(), ElementsAre("/other/T/a", "/other/T/b"));
}

TEST_F(WhereaboutsTest, WithoutThatStateAllStaysWhereItIs) {
    begin_with(claims);
    whereabouts->move_to("/other", {}, answer());
    save_fails();
    EXPECT_THAT(answers, ElementsAre(::testing::HasSubstr("save state")));
    EXPECT_THAT(happened, ElementsAre("to be said", "failed", "ended"));
    EXPECT_THAT(disk.names(), ElementsAre("/data/T/a", "/data/T/b"));
    whereabouts->rename_file(FileIndex(0), "T/c", answer());
    save_fails();
    EXPECT_EQ(whereabouts->path_of(FileIndex(0)), "T/a");
    EXPECT_TRUE(disk.exists("/data/T/a"));
    EXPECT_EQ(answers.size(), 2U);
}

TEST_F(WhereaboutsTest, AMoveWaitsForTheSyncUnderWay) {
    begin_with(unclaimed);
    syncs.begin();
    whereabouts->move_to("/other", {}, answer());
    settle();
    EXPECT_FALSE(whereabouts->in_between());
    EXPECT_TRUE(disk.exists("/data/T/a"));
    syncs.end();
    syncs.run_next();
    settle();
    EXPECT_THAT(answers, ElementsAre(""));
}

TEST_F(WhereaboutsTest, WhileOneMovesNothingElseIsDone) {
    begin_with(claims);
    whereabouts->move_to("/other", {}, answer());
    whereabouts->move_to("/third", {}, answer());
    whereabouts->rename_file(FileIndex(0), "T/c", answer());
    EXPECT_THAT(answers, IsEmpty()) << "not from inside the call";
    settle();
    const auto busy = ::testing::HasSubstr("its files are being moved");
    EXPECT_THAT(answers, ElementsAre(busy, busy));
    save();
    EXPECT_EQ(whereabouts->folder(), "/other");
    whereabouts->move_to("/other", {}, answer());
    settle();
    EXPECT_EQ(answers.back(), "") << "they are there";
    EXPECT_THAT(disk.names(), ElementsAre("/other/T/a", "/other/T/b"));
}

TEST_F(WhereaboutsTest, WhatNobodyWillKnowOfIsBroughtBack) {
    begin_with(unclaimed);
    Whereabouts::Done said;
    whereabouts->move_to("/other", [&](Whereabouts::Done done) { said = std::move(done); }, answer());
    settle();
    ASSERT_TRUE(said);
    EXPECT_TRUE(disk.exists("/other/T/a"));
    EXPECT_TRUE(whereabouts->in_between());
    EXPECT_THAT(answers, IsEmpty());
    said(fail(Error::system(EIO, "write", "/state")));
    settle();
    EXPECT_THAT(happened, ElementsAre("begun", "back, copies: 2", "failed", "ended"));
    EXPECT_THAT(answers, ElementsAre(::testing::HasSubstr("write /state")));
    EXPECT_EQ(whereabouts->folder(), "/data");
    EXPECT_THAT(disk.names(), ElementsAre("/data/T/a", "/data/T/b"));
}

TEST_F(WhereaboutsTest, ANewNameIsKnownOnceTheFileHasIt) {
    begin_with(claims);
    whereabouts->rename_file(FileIndex(1), "T/new", answer());
    settle();
    EXPECT_EQ(whereabouts->path_of(FileIndex(1)), "T/b");
    save();
    EXPECT_THAT(answers, ElementsAre(""));
    EXPECT_THAT(happened, ElementsAre("to be said", "changed"));
    EXPECT_EQ(whereabouts->path_of(FileIndex(1)), "T/new");
    EXPECT_EQ(whereabouts->renamed().size(), 1U);
    EXPECT_THAT(disk.names(), ElementsAre("/data/T/a", "/data/T/new"));
    whereabouts->rename_file(FileIndex(1), "T/a", answer());
    save();
    EXPECT_NE(answers.back(), "") << "another file has that name";
    EXPECT_EQ(whereabouts->path_of(FileIndex(1)), "T/new");
}

TEST_F(WhereaboutsTest, OneThatIsDetachedTellsNobodyAnything) {
    begin_with(unclaimed);
    whereabouts->move_to("/other", {}, answer());
    whereabouts->detach();
    settle();
    EXPECT_THAT(answers, IsEmpty());
    EXPECT_THAT(happened, ElementsAre("begun"));
}

}  // namespace
}  // namespace spate::piece_store
