#include "catalogue/catalogue_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/rng.h"
#include "catalogue/change_queue.h"
#include "catalogue/test_fixture.h"

namespace spate::catalogue {
namespace {

using spate::testing::FaultDisk;
using ::testing::HasSubstr;
using ::testing::StartsWith;

struct CatalogueServiceTest : ServiceFixture {};

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_F(CatalogueServiceTest, AnswersWhenStoredAndNotBefore) {
    create("a");
    EXPECT_THAT(answers(), IsEmpty());
    EXPECT_EQ(service->find("a"), nullptr);
    EXPECT_EQ(service->get_reply("a"), nullptr);
    EXPECT_THAT(*service->list_reply(), StartsWith("<REP LIST 0>"));
    ASSERT_TRUE(pool.run_job());
    EXPECT_THAT(answers(), IsEmpty());
    pool.settle();
    EXPECT_THAT(answers(), ElementsAre(Answer::succ));
    ASSERT_NE(service->find("a"), nullptr);
    EXPECT_EQ(service->find("a")->verification, Verification::verified);
    EXPECT_THAT(*service->list_reply(), HasSubstr("<1 a 1000 "));
    EXPECT_THAT(*service->get_reply("a.track"), StartsWith("<REP GET BEGIN>\nFilename: a\n"));
    EXPECT_EQ(service->get_reply("a.track"), service->get_reply("a"));
}

TEST_F(CatalogueServiceTest, OneBatchAtATimeTakesAllThatWait) {
    create("a");
    create("a");
    create("b");
    update("a", 0, 10, 7);
    EXPECT_EQ(pool.waiting(), 1U);
    EXPECT_EQ(service->counters().queued, 3U);
    pool.settle();
    EXPECT_THAT(answers(), ElementsAre(Answer::succ, Answer::ferr, Answer::succ, Answer::succ));
    EXPECT_EQ(service->counters().batches, 2U);
    EXPECT_EQ(service->counters().stored_changes, 4U);
    EXPECT_EQ(service->counters().peers, 3U);
}

TEST_F(CatalogueServiceTest, DecidedRequestsDoNotWaitForTheDisk) {
    create("a");
    pool.settle();
    answers();
    create("a");
    update("a", 5, 1001);
    update("unknown", 0, 1);
    EXPECT_EQ(pool.waiting(), 0U);
    EXPECT_THAT(answers(), IsEmpty());  // never inside the call
    reactor.run_posted();
    EXPECT_THAT(answers(), ElementsAre(Answer::ferr, Answer::fail, Answer::ferr));
}

TEST_F(CatalogueServiceTest, RefusalTellsBeforehand) {
    create("a");
    pool.settle();
    const classic::CreateTracker request{"a", 1, "", "0", false, "127.0.0.1", 1};
    EXPECT_EQ(service->refusal(request, Address::loopback())->answer, Answer::ferr);
    auto other = request;
    other.name = "b";
    EXPECT_EQ(service->refusal(other, Address::loopback()), std::nullopt);
}

TEST_F(CatalogueServiceTest, NameThatEndsInTrackIsFoundToo) {
    create("a.track");
    pool.settle();
    EXPECT_THAT(*service->get_reply("a.track"), HasSubstr("Filename: a.track\n"));
    create("a");
    pool.settle();
    EXPECT_THAT(*service->get_reply("a.track"), HasSubstr("Filename: a\n"));
    EXPECT_THAT(*service->get_reply("a.track.track"), HasSubstr("Filename: a.track\n"));
    EXPECT_EQ(service->get_reply(".track"), nullptr);
}

TEST_F(CatalogueServiceTest, QueueIsCapped) {
    limits.queued_changes = 3;
    limits.changes_per_batch = 2;
    reopen();
    for (int i = 0; i < 5; ++i) create("n" + std::to_string(i));
    reactor.run_posted();
    EXPECT_THAT(answers(), ElementsAre(Answer::fail));  // one is under way, three wait
    pool.settle();
    EXPECT_THAT(answers(), ElementsAre(Answer::succ, Answer::succ, Answer::succ, Answer::succ));
    EXPECT_EQ(service->counters().batches, 3U);
}

TEST_F(CatalogueServiceTest, SecondOwnerIsTold) {
    const auto second = CatalogueService::open(reactor, pool, disk, log, "/t", limits);
    ASSERT_FALSE(second);
    EXPECT_THAT(second.error().message(), HasSubstr("another spate uses it"));
}

TEST_F(CatalogueServiceTest, ADatabaseThatWasCutToNothingIsTold) {
    create("a");
    pool.settle();
    service.reset();
    pool.settle();
    disk.change_content("/t/.spate/catalogue.db").clear();
    struct : Log {
        void write(LogLevel, std::string_view text) override { lines.emplace_back(text); }
        std::vector<std::string> lines;
    } told;
    const auto emptied = CatalogueService::open(reactor, pool, disk, told, "/t", limits);
    ASSERT_TRUE(emptied);
    ASSERT_EQ(told.lines.size(), 1U);
    EXPECT_THAT(told.lines[0], HasSubstr("/t/.spate/catalogue.db is empty"));
}

TEST_F(CatalogueServiceTest, DestroyedServiceAnswersNobody) {
    create("a");
    create("b");
    update("c", 0, 1);
    service.reset();
    pool.settle();
    EXPECT_THAT(answers(), IsEmpty());
    reopen();
    EXPECT_NE(service->find("a"), nullptr);  // was under way and may finish
}

TEST_F(CatalogueServiceTest, FullDiskIsFailAndHealsByItself) {
    create("a");
    pool.settle();
    answers();
    no_space();
    create("b");
    update("a", 0, 10);
    pool.settle();
    EXPECT_EQ(outcomes.at(0).answer, Answer::fail);
    EXPECT_THAT(outcomes.at(0).reason, HasSubstr("No space left on device"));
    answers();
    EXPECT_EQ(service->find("b"), nullptr);
    EXPECT_FALSE(service->counters().disk_ok);
    create("c");
    reactor.run_posted();
    EXPECT_THAT(answers(), ElementsAre(Answer::fail));  // resting: at once
    disk.fault = {};
    reactor.advance(ChangeQueue::rest_max);
    pool.settle();
    create("b");
    pool.settle();
    EXPECT_THAT(answers(), ElementsAre(Answer::succ));
    EXPECT_TRUE(service->counters().disk_ok);
    EXPECT_NE(service->find("a"), nullptr);
    reopen();
    EXPECT_NE(service->find("b"), nullptr);
    EXPECT_EQ(service->find("c"), nullptr);
}

TEST_F(CatalogueServiceTest, OneFailureIsForgottenAtOnce) {
    create("a");
    pool.settle();
    int left = 1;
    disk.fault = [&](const std::string& operation, const std::string&) {
        return operation == "write" && left-- > 0 ? EIO : 0;
    };
    update("a", 0, 10);
    update("a", 0, 20);
    pool.settle();
    disk.fault = {};
    EXPECT_THAT(answers(), ElementsAre(Answer::succ, Answer::fail, Answer::succ));
    EXPECT_EQ(service->find("a")->peers.at(0).end, 20U);
}

TEST_F(CatalogueServiceTest, DeadPeersAreSweptWithoutRequests) {
    create("a");
    pool.settle();
    for (int i = 0; i < 95; ++i) {
        reactor.advance(std::chrono::seconds(10));
        pool.settle();
    }
    ASSERT_NE(service->find("a"), nullptr);
    EXPECT_THAT(service->find("a")->peers, IsEmpty());
    EXPECT_EQ(service->counters().peers, 0U);
    reopen();
    EXPECT_THAT(service->find("a")->peers, IsEmpty());
}

TEST_F(CatalogueServiceTest, SweepRemovesNoMoreAtOnceThanABatchMay) {
    limits.changes_per_batch = 3;
    reopen();
    for (int i = 0; i < 20; ++i) create("n" + std::to_string(i));
    pool.settle();
    ASSERT_EQ(service->counters().peers, 20U);
    reactor.advance(std::chrono::seconds(910));
    for (auto before = service->counters().peers; before > 0;) {
        ASSERT_TRUE(pool.run_job());
        reactor.run_posted();
        reactor.advance({});  // the next part follows without a pause
        const auto after = service->counters().peers;
        ASSERT_LE(before - after, 3U);
        before = after;
    }
}

TEST_F(CatalogueServiceTest, NothingIsSweptWhileTheDiskDoesNotTakeChanges) {
    create("a");
    pool.settle();
    no_space();
    create("b");
    create("c");
    pool.settle();
    reactor.advance(ChangeQueue::rest_max);
    disk.fault = {};
    pool.settle();
    no_space();
    const auto failed = service->counters().failed_changes;
    for (int i = 0; i < 200; ++i) {
        reactor.advance(std::chrono::seconds(10));
        pool.settle();
    }
    EXPECT_EQ(service->counters().failed_changes, failed);
    disk.fault = {};
    create("d");
    pool.settle();
    reactor.advance(std::chrono::seconds(5));
    pool.settle();
    EXPECT_THAT(service->find("a")->peers, IsEmpty());
}

// The folders too: the first answer of a new tracker counts as much as any later one.
TEST_F(CatalogueServiceTest, FirstEntryOfANewFolderSurvivesAPowerCut) {
    for (std::uint64_t seed = 0; seed < 30; ++seed) {
        Rng rng(seed);
        service.reset();
        pool.settle();
        disk.lose_power(rng);
        const auto folder = "/new" + std::to_string(seed);
        auto first = CatalogueService::open(reactor, pool, disk, log, folder, limits);
        ASSERT_TRUE(first);
        service = std::move(*first);
        create("a");
        pool.settle();
        ASSERT_THAT(answers(), ElementsAre(Answer::succ));
        disk.fault = [](const std::string&, const std::string&) { return EIO; };
        service.reset();
        disk.fault = {};
        disk.lose_power(rng);
        auto second = CatalogueService::open(reactor, pool, disk, log, folder, limits);
        ASSERT_TRUE(second) << second.error().message();
        ASSERT_NE((*second)->find("a"), nullptr) << seed;
    }
}

TEST_F(CatalogueServiceTest, BareListIsReadyAfterFiveTrackers) {
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(service->bare_list(), "Requesting Files...");
        service->bare_tracker(Address::loopback(), note());
        pool.settle();
    }
    EXPECT_EQ(service->bare_list(), "picture-wallpaper.jpg");
    EXPECT_THAT(answers(), ElementsAre(Answer::succ, Answer::succ, Answer::succ, Answer::succ, Answer::succ));
    reopen();
    EXPECT_EQ(service->bare_list(), "picture-wallpaper.jpg");
    reactor.set_wall(reactor.wall_now().unix_seconds + 901);
    EXPECT_EQ(service->bare_list(), "picture-wallpaper.jpg");
    reopen();  // a restart much later
    EXPECT_EQ(service->bare_list(), "Requesting Files...");
}

TEST_F(CatalogueServiceTest, BareListIsReadyWhenPeersCoverTheFile) {
    create("picture-wallpaper.jpg");
    pool.settle();
    EXPECT_EQ(service->bare_list(), "Requesting Files...");
    update("picture-wallpaper.jpg", 0, 499, 6361);
    update("picture-wallpaper.jpg", 500, 999, 6362);
    pool.settle();
    EXPECT_EQ(service->bare_list(), "picture-wallpaper.jpg");
}

}  // namespace
}  // namespace spate::catalogue
