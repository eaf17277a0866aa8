#include "catalogue/catalogue_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>

#include "base/rng.h"
#include "catalogue/change_queue.h"
#include "catalogue/track_files.h"
#include "classic/tracker_file.h"
#include "tests/fault_disk.h"
#include "tests/manual_world.h"

namespace spate::catalogue {
namespace {

using spate::testing::FaultDisk;
using ::testing::HasSubstr;
using ::testing::StartsWith;

struct CatalogueServiceTest : ::testing::Test {
    FaultDisk disk;
    spate::testing::ManualReactor reactor;
    spate::testing::ManualPool pool{reactor};
    NoLog log;
    Limits limits;
    std::unique_ptr<CatalogueService> service;
    std::vector<Outcome> outcomes;

    void SetUp() override { reopen(); }
    void reopen() {
        service.reset();
        pool.settle();  // jobs of the old one, which hold the lock
        auto opened = CatalogueService::open(reactor, pool, disk, log, "/t", limits);
        ASSERT_TRUE(opened) << opened.error().message();
        service = std::move(*opened);
    }
    OnDone note() {
        return [this](const Outcome& outcome) { outcomes.push_back(outcome); };
    }
    void create(const std::string& name, std::uint64_t size = 1000) {
        service->create({name, size, "words", std::string(32, 'a'), true, "127.0.0.1", 6361},
                        Address::loopback(), Verification::verified, note());
    }
    void update(const std::string& name, std::uint64_t start, std::uint64_t end, std::uint16_t port = 6361) {
        service->update({name, start, end, "127.0.0.1", port}, note());
    }
    std::vector<Answer> answers() {
        std::vector<Answer> all;
        for (const auto& outcome : std::exchange(outcomes, {})) all.push_back(outcome.answer);
        return all;
    }
    void no_space() {
        disk.fault = [](const std::string& operation, const std::string&) {
            return operation == "write" ? ENOSPC : 0;
        };
    }
    std::string file(const std::string& name) { return std::string(as_text(disk.content("/t/" + name))); }
};

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

TEST_F(CatalogueServiceTest, TrackFilesFollowTheState) {
    create("a");
    pool.settle();
    reactor.advance(TrackFiles::turn);
    pool.settle();
    EXPECT_THAT(file("a.track"), StartsWith("Filename: a\nFilesize: 1000\n"));
    update("a", 0, 10);
    pool.settle();
    EXPECT_THAT(file("a.track"), HasSubstr(":0:1000:"));  // not yet: changes are gathered
    reactor.advance(TrackFiles::turn);
    pool.settle();
    EXPECT_THAT(file("a.track"), HasSubstr(":0:10:"));
    EXPECT_THAT(*service->get_reply("a"), HasSubstr(file("a.track")));
}

TEST_F(CatalogueServiceTest, BrokenTrackFilesAreReplacedAndNeverRead) {
    create("a");
    create("b");
    pool.settle();
    reactor.advance(TrackFiles::turn);
    pool.settle();
    const auto good = file("a.track");
    const std::string lie = "Filename: a\nFilesize: 1\nMD5: 0\n";
    disk.put("/t/a.track", {lie.begin(), lie.end()});
    disk.put("/t/b.track", {});
    disk.put("/t/c.track", {'x'});
    disk.put("/t/b.track.new~", {'h', 'a', 'l', 'f'});
    reopen();
    EXPECT_EQ(service->find("a")->size, 1000U);
    EXPECT_EQ(service->find("c"), nullptr);
    reactor.advance(TrackFiles::turn);
    pool.settle();
    EXPECT_EQ(file("a.track"), good);
    EXPECT_THAT(file("b.track"), StartsWith("Filename: b\n"));
    EXPECT_EQ(file("c.track"), "x");  // somebody's own
    EXPECT_FALSE(disk.exists("/t/b.track.new~"));
}

TEST_F(CatalogueServiceTest, TrackFilesAreWrittenABoundedNumberAtATime) {
    for (std::size_t i = 0; i < TrackFiles::files_per_turn + 10; ++i) create("n" + std::to_string(i));
    limits.entries_per_source = 100'000;
    pool.settle();
    const auto count = [&] {
        return std::ranges::count_if(disk.names(),
                                     [](const std::string& name) { return name.ends_with(".track"); });
    };
    reactor.advance(TrackFiles::turn);
    pool.settle();
    EXPECT_EQ(count(), static_cast<std::ptrdiff_t>(TrackFiles::files_per_turn));
    reactor.advance(TrackFiles::turn);
    pool.settle();
    EXPECT_EQ(count(), static_cast<std::ptrdiff_t>(TrackFiles::files_per_turn + 10));
}

TEST_F(CatalogueServiceTest, TrackFilesThatFailAreTriedAgain) {
    disk.fault = [](const std::string& operation, const std::string& path) {
        return operation == "write" && path.ends_with(".new~") ? ENOSPC : 0;
    };
    create("a");
    pool.settle();
    EXPECT_THAT(answers(), ElementsAre(Answer::succ));  // the view is not the state
    reactor.advance(TrackFiles::turn);
    pool.settle();
    EXPECT_FALSE(disk.exists("/t/a.track"));
    disk.fault = {};
    reactor.advance(TrackFiles::retry_pause);
    pool.settle();
    EXPECT_TRUE(disk.exists("/t/a.track"));
}

TEST_F(CatalogueServiceTest, BareTrackFileHasTheSpecificationsForm) {
    service->bare_tracker(Address::loopback(), note());
    pool.settle();
    reactor.advance(TrackFiles::turn);
    pool.settle();
    const auto parsed = classic::parse_tracker_file(file("picture-wallpaper.track"));
    ASSERT_TRUE(parsed) << parsed.error().message();
    EXPECT_EQ(parsed->name, "picture-wallpaper.jpg");
    EXPECT_EQ(parsed->size, 0U);
    EXPECT_EQ(parsed->skipped_lines, 0U);
    create("picture-wallpaper");  // has the better claim
    pool.settle();
    service->bare_tracker(Address::loopback(), note());
    pool.settle();
    reactor.advance(TrackFiles::turn);
    pool.settle();
    EXPECT_THAT(file("picture-wallpaper.track"), StartsWith("Filename: picture-wallpaper\n"));
}

TEST(TrackFileName, IsNobodyElses) {
    EXPECT_EQ(track_file_name("a.jpg"), "a.jpg.track");
    EXPECT_EQ(track_file_name(std::string(249, 'a')), std::string(249, 'a') + ".track");
    std::map<std::string, std::string> seen;
    for (std::size_t length = 245; length <= 255; ++length) {
        for (const char c : {'a', 'b', '\xff'}) {
            const std::string name(length, c);
            const auto file = track_file_name(name);
            EXPECT_LE(file.size(), 255U);
            EXPECT_TRUE(seen.emplace(file, name).second) << file;
            EXPECT_EQ(file.ends_with(".track"), length <= 249);
        }
    }
}

// Whatever the disk does: an answered "succ" is there after kill -9, and memory shows what the disk has.
TEST(CatalogueService, KeepsItsWordWhateverTheDiskDoes) {
    for (std::uint64_t seed = 0; seed < 150; ++seed) {
        Rng rng(seed);
        FaultDisk disk;
        spate::testing::ManualReactor reactor;
        NoLog log;
        Limits limits;
        limits.changes_per_batch = 3;
        std::map<std::string, std::uint64_t> promised;  // name -> size
        for (int life = 0; life < 3; ++life) {
            auto pool = std::make_unique<spate::testing::ManualPool>(reactor);
            auto opened = CatalogueService::open(reactor, *pool, disk, log, "/t", limits);
            ASSERT_TRUE(opened) << "seed " << seed << ": " << opened.error().message();
            auto service = std::move(*opened);
            for (const auto& [name, size] : promised) {
                ASSERT_NE(service->find(name), nullptr) << "seed " << seed << " " << name;
                ASSERT_EQ(service->find(name)->size, size) << "seed " << seed << " " << name;
            }
            disk.fault = [&](const std::string& operation, const std::string&) {
                return operation != "read" && rng.chance(1, 60) ? (rng.chance(1, 2) ? EIO : ENOSPC) : 0;
            };
            std::size_t asked = 0, answered = 0;
            for (int step = 0; step < 200; ++step) {
                const auto name = "n" + std::to_string(rng.below(40));
                const auto size = 100 + rng.below(100);
                if (rng.chance(1, 2)) {
                    ++asked;
                    service->create({name, size, "", "0", false, "h", 1}, Address::loopback(),
                                    Verification::verified, [&, name, size](const Outcome& outcome) {
                                        ++answered;
                                        if (outcome.answer == Answer::succ) promised[name] = size;
                                        if (outcome.answer != Answer::ferr) return;
                                        EXPECT_NE(service->find(name), nullptr);
                                    });
                } else {
                    ++asked;
                    service->update({name, 0, 50, "h", static_cast<std::uint16_t>(1 + rng.below(5))},
                                    [&](const Outcome&) { ++answered; });
                }
                if (rng.chance(1, 3)) pool->run_job();
                if (rng.chance(1, 3)) reactor.run_posted();
                if (rng.chance(1, 10)) reactor.advance(std::chrono::milliseconds(rng.below(2000)));
            }
            if (rng.chance(1, 2)) {
                disk.fault = {};
                reactor.advance(ChangeQueue::rest_max);
                pool->settle();
                EXPECT_EQ(answered, asked) << "seed " << seed;
            }
            // The process is gone in the middle of it: nothing it still does reaches the disk.
            disk.fault = [](const std::string&, const std::string&) { return EIO; };
            service.reset();
            pool.reset();
            reactor.run_posted();
            disk.fault = {};
            disk.kill_process();
        }
    }
}

}  // namespace
}  // namespace spate::catalogue
