#include "engine/torrent_files.h"

#include <gmock/gmock.h>

#include "piece_store/test_world.h"

namespace spate::engine {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
constexpr std::uint32_t KiB = 1024;

class TorrentFilesTest : public piece_store::StoreFixture, protected TorrentFilesOwner {
  protected:
    void open_files(piece_store::StoreOptions store_options = {}) {
        store_options.metainfo = torrent.metainfo;
        store_options.folder = folder;
        files = std::make_unique<TorrentFiles>(share, std::move(store_options), events,
                                               static_cast<TorrentFilesOwner&>(*this));
        files->open();
    }
    void put_files() {
        disk.put("/data/T/a", piece_store::copy_of(torrent.file(0)));
        disk.put("/data/T/b", piece_store::copy_of(torrent.file(1)));
        static_cast<void>(disk.open_folder(folder, io::IfMissing::make));
    }
    // As the session's tick.
    void pass(Duration time) {
        reactor.advance(time);
        files->on_tick(reactor.now());
        settle();
    }
    TorrentFiles::Done answer() {
        return
            [this](const Result<void>& result) { answers.push_back(result ? "" : result.error().message()); };
    }

    void on_files_open(const piece_store::Opened&) override { happened.emplace_back("open"); }
    void on_files_checking() override { happened.emplace_back("checking"); }
    void on_files_known() override { happened.emplace_back("known"); }
    void on_files_unread(const Error&) override { happened.emplace_back("unread"); }
    void on_files_failed(const Error& error) override { happened.push_back("failed: " + error.message()); }
    void on_files_waiting() override { happened.emplace_back("waiting"); }
    void on_files_well() override { happened.emplace_back("well"); }
    void on_files_retry() override { happened.emplace_back("retry"); }
    bool has_all_wanted() const override { return has_all; }

    const piece_store::TestTorrent torrent =
        piece_store::make_torrent(metainfo::TorrentVersion::v1, {100 * KiB, 100 * KiB, 0}, 64 * KiB);
    SessionOptions options;
    SessionEvents no_events;
    NoLog log;
    SessionLedgers ledgers{options, 1};
    SessionShare share{world, options, no_events, log, {ledgers}};
    std::unique_ptr<TorrentFiles> files;
    bool has_all = false;
    std::vector<std::string> happened;
    std::vector<std::string> answers;  // "": it worked
};

TEST_F(TorrentFilesTest, WhatIsNotThereIsKnownAtOnce) {
    open_files();
    EXPECT_FALSE(files->is_open());
    settle();
    EXPECT_THAT(happened, ElementsAre("open", "known"));
    EXPECT_TRUE(files->is_open());
    EXPECT_TRUE(files->known());
    EXPECT_TRUE(files->store().have().none());
}

TEST_F(TorrentFilesTest, WhatNobodyVouchesForIsHashed) {
    put_files();
    disk.content("/data/T/b").back() ^= 1;
    open_files();
    settle();
    EXPECT_THAT(happened, ElementsAre("open", "checking", "known"));
    EXPECT_THAT(events.checked, ElementsAre(0, 1, 2));
}

TEST_F(TorrentFilesTest, ADiskThatMayRecoverIsTriedAgain) {
    disk.fault = [](const std::string& what, const std::string&) { return what == "open" ? EMFILE : 0; };
    open_files();
    settle();
    disk.fault = {};
    EXPECT_THAT(happened, ElementsAre("waiting"));
    pass(1s);
    EXPECT_THAT(happened, ElementsAre("waiting"));
    pass(5s);
    EXPECT_THAT(happened, ElementsAre("waiting", "open", "known"));
    EXPECT_TRUE(disk.exists("/data/T/c"));
    EXPECT_FALSE(files->waiting());
}

TEST_F(TorrentFilesTest, WhatIsForeverEndsItAndWhateverWaitsForIt) {
    disk.put(folder, {1});
    open_files();
    files->move_to("/other", {}, answer());
    files->rename_file(metainfo::FileIndex(0), "T/new", answer());
    EXPECT_THAT(answers, IsEmpty());
    settle();
    EXPECT_FALSE(files->is_open());
    ASSERT_EQ(happened.size(), 1U);
    EXPECT_TRUE(happened[0].starts_with("failed: ")) << happened[0];
    ASSERT_EQ(answers.size(), 2U);
    EXPECT_NE(answers[0], "");
    EXPECT_NE(answers[1], "");
}

TEST_F(TorrentFilesTest, TheyGoElsewhereOnceTheyAreOpen) {
    put_files();
    open_files({.trust = piece_store::Trust::sizes});
    files->rename_file(metainfo::FileIndex(0), "T/new", answer());
    EXPECT_THAT(answers, IsEmpty());
    settle();
    EXPECT_THAT(answers, ElementsAre(""));
    EXPECT_THAT(disk.names(), ElementsAre("/data/T/b", "/data/T/c", "/data/T/new"));
    files->move_to("/other", {}, answer());
    settle();
    EXPECT_THAT(answers, ElementsAre("", ""));
    EXPECT_EQ(files->store().folder(), "/other");
}

TEST_F(TorrentFilesTest, TroubleIsToldOnceAndTriedUntilTheDiskIsWell) {
    open_files();
    settle();
    happened.clear();
    const Error full = Error::system(ENOSPC, "write", "T/a");
    files->on_disk_trouble(full);
    files->on_disk_trouble(full);
    EXPECT_THAT(happened, ElementsAre("waiting"));
    EXPECT_TRUE(files->waiting());
    files->on_well();
    EXPECT_TRUE(files->waiting()) << "the store is in trouble still";
    pass(5s);
    EXPECT_THAT(happened, ::testing::Contains("retry"));
    files->on_disk_well();
    EXPECT_FALSE(files->waiting());
    EXPECT_EQ(happened.back(), "well");
}

TEST_F(TorrentFilesTest, WhereNothingMayBeWrittenAndNothingIsItEnds) {
    open_files();
    settle();
    files->on_disk_trouble(Error::system(EACCES, "write", "T/a"));
    EXPECT_TRUE(happened.back().starts_with("failed: ")) << happened.back();
    EXPECT_FALSE(files->waiting());
}

TEST_F(TorrentFilesTest, AReadOnlyOneThatLostSomethingWaitsUntilItIsThere) {
    put_files();
    has_all = true;
    open_files({.trust = piece_store::Trust::sizes, .read_only = true});
    settle();
    EXPECT_THAT(happened, ElementsAre("open", "known"));
    has_all = false;
    files->wait_for(Error::system(ENOENT, "read", "T/a"));
    files->on_well();
    EXPECT_TRUE(files->waiting());
    has_all = true;
    pass(5s);
    EXPECT_FALSE(files->waiting());
    EXPECT_EQ(happened.back(), "well");
}

TEST_F(TorrentFilesTest, OneThatIsGoneTellsNothing) {
    open_files();
    files->move_to("/other", {}, answer());
    files.reset();
    settle();
    EXPECT_THAT(happened, IsEmpty());
    EXPECT_THAT(answers, IsEmpty());
}

}  // namespace
}  // namespace spate::engine
