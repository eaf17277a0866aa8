#include "engine/completion.h"

#include <gmock/gmock.h>

#include "piece_store/test_world.h"

namespace spate::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
constexpr std::uint32_t KiB = 1024;

// A store with all of a torrent's bytes, in a session that keeps no resume state.
class CompletionTest : public piece_store::StoreFixture, protected CompletionOwner {
  protected:
    void SetUp() override {
        begin(torrent);
        get_all();
        completion.emplace(record, static_cast<CompletionOwner&>(*this));
    }
    bool is_whole() const override { return whole; }
    void on_complete(bool fetched) override { told.push_back(fetched); }
    void on_not_synced(const Error& error) override { failures.push_back(error.message()); }

    struct NoTotals final : TorrentRecordOwner {
        piece_store::Checkpoints::Totals on_totals_asked() override { return {}; }
        void on_record_kept() override {}
        void on_record_not_kept(const Error&, bool) override {}
    };
    const piece_store::TestTorrent torrent =
        piece_store::make_torrent(metainfo::TorrentVersion::v1, {100 * KiB}, 64 * KiB);
    SessionOptions options;
    SessionEvents no_events;
    NoLog log;
    SessionLedgers ledgers{options, 1};
    SessionShare share{world, options, no_events, log, {ledgers}};
    NoTotals no_totals;
    TorrentRecord record{share, "key", no_totals};
    bool whole = true;
    std::vector<bool> told;  // whether it was fetched
    std::vector<std::string> failures;
    std::optional<Completion> completion;
};

TEST_F(CompletionTest, ItIsToldWhenItIsOnTheDisk) {
    int syncs = 0;
    disk.fault = [&](const std::string& operation, const std::string&) {
        syncs += operation.starts_with("sync") ? 1 : 0;
        return 0;
    };
    completion->on_state(TorrentState::downloading);
    completion->on_state(TorrentState::seeding);
    completion->sync(*store);
    EXPECT_THAT(told, IsEmpty());
    EXPECT_FALSE(completion->settled());
    settle();
    EXPECT_THAT(told, ElementsAre(true));
    EXPECT_GT(syncs, 0);
    EXPECT_TRUE(completion->settled());
}

TEST_F(CompletionTest, WhatWasThereBeforeWasNotFetched) {
    completion->on_state(TorrentState::checking);
    completion->on_state(TorrentState::seeding);
    completion->sync(*store);
    settle();
    EXPECT_THAT(told, ElementsAre(false));
}

TEST_F(CompletionTest, WhatIsMissingBeforeTheDiskHasItIsNotTold) {
    completion->sync(*store);
    whole = false;
    settle();
    EXPECT_THAT(told, IsEmpty());
    EXPECT_FALSE(completion->settled());
    whole = true;
    completion->sync(*store);
    settle();
    EXPECT_EQ(told.size(), 1U);
}

TEST_F(CompletionTest, WhatComesDuringASyncHasOneOfItsOwn) {
    completion->sync(*store);
    completion->sync(*store);
    completion->sync(*store);
    pool.run_job();
    reactor.run_posted();
    EXPECT_THAT(told, IsEmpty()) << "one more is to come";
    EXPECT_FALSE(completion->settled());
    settle();
    EXPECT_EQ(told.size(), 1U);
}

TEST_F(CompletionTest, ADiskThatTakesNothingLeavesItUntold) {
    disk.fault = [](const std::string& operation, const std::string&) {
        return operation == "sync" ? EIO : 0;
    };
    completion->sync(*store);
    settle();
    EXPECT_THAT(told, IsEmpty());
    EXPECT_THAT(failures.size() + events.lost.size(), ::testing::Gt(0U));
    EXPECT_FALSE(completion->settled());
    disk.fault = {};
    get_all();
    completion->sync(*store);
    settle();
    EXPECT_EQ(told.size(), 1U);
    EXPECT_TRUE(completion->settled());
}

TEST_F(CompletionTest, AfterALossItIsToldAgain) {
    completion->on_state(TorrentState::seeding);
    completion->sync(*store);
    settle();
    completion->on_state(TorrentState::seeding);
    EXPECT_TRUE(completion->settled());
    completion->on_state(TorrentState::downloading);
    EXPECT_FALSE(completion->settled());
    completion->on_state(TorrentState::seeding);
    completion->sync(*store);
    settle();
    EXPECT_THAT(told, ElementsAre(false, true));
}

TEST_F(CompletionTest, OneThatIsGoneTellsNothing) {
    completion->sync(*store);
    completion.reset();
    settle();
    EXPECT_THAT(told, IsEmpty());
}

}  // namespace
}  // namespace spate::engine
