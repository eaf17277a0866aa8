#include "tracker/swarm_keeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fault_disk.h"
#include "tests/manual_world.h"
#include "tracker/swarm_fixture.h"

namespace spate::tracker {
namespace {

using announce::Event;
using spate::testing::FaultDisk;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

constexpr Duration pause = std::chrono::minutes(1);
const std::string file = "/state/swarms";

struct Heard final : Events {
    void on_answered(const Endpoint&, std::string_view, std::string_view) override {}
    void on_turned_away(const Endpoint&, std::string_view) override {}
    void on_trouble(const Error& error) override { troubles.push_back(error.message()); }
    std::vector<std::string> troubles;
};

// One life of a tracker.
struct Life {
    Life(spate::testing::ManualReactor& r, FaultDisk& disk, const SwarmLimits& limits = {})
        : reactor(r), store(limits), pool(r) {
        store.now = reactor.now();
        keeper = SwarmKeeper::open(reactor, pool, disk, "/state", pause, store.store, heard).value();
    }
    void announce(const Endpoint& from, std::uint32_t swarm = 1) {
        store.now = reactor.now();
        store.announce(from, 0, Event::none, swarm);
    }
    std::uint32_t seeds(std::uint32_t swarm = 1) {
        store.now = reactor.now();
        return store.counts(swarm).complete;
    }
    spate::testing::ManualReactor& reactor;
    Store store;
    spate::testing::ManualPool pool;
    Heard heard;
    std::unique_ptr<SwarmKeeper> keeper;
};

class SwarmKeeperTest : public ::testing::Test {
  protected:
    SwarmKeeperTest() { reactor.advance(std::chrono::hours(2)); }
    Life live(const SwarmLimits& limits = {}) { return Life(reactor, disk, limits); }
    // A pause passes, and what it brings.
    void pass(Life& life) {
        reactor.advance(pause);
        life.pool.settle();
    }

    FaultDisk disk;
    spate::testing::ManualReactor reactor;
};

TEST_F(SwarmKeeperTest, WhatWasSavedAMinuteAgoIsThereAfterKill) {
    {
        auto life = live();
        EXPECT_TRUE(life.heard.troubles.empty());  // there is no file at first
        life.announce(v4(1));
        pass(life);
        life.announce(v4(2));
    }
    auto life = live();
    EXPECT_EQ(life.seeds(), 1U);
    EXPECT_TRUE(life.heard.troubles.empty());
}

TEST_F(SwarmKeeperTest, WhoeverCameIsSavedWithinSecondsWhileTheyAreFew) {
    {
        auto life = live();
        life.announce(v4(1));
        for (std::uint32_t i = 2; i <= 10; ++i) {
            reactor.advance(SwarmKeeper::pause_min);
            life.pool.settle();
            life.announce(v4(i));
        }
    }
    EXPECT_EQ(live().seeds(), 9U);
}

TEST_F(SwarmKeeperTest, ManyAreSavedAsOftenAsTheirBytesAllow) {
    auto life = live();
    std::size_t savings = 0;
    const auto seconds = [&](int count) {
        for (; count > 0; --count) {
            reactor.advance(std::chrono::seconds(1));
            savings += life.pool.waiting();
            life.pool.settle();
            life.announce(v4(1));
        }
    };
    for (std::uint32_t i = 0; i < 30'000; ++i) life.announce(v4(i), i);  // 1.4 MB
    seconds(5);
    EXPECT_EQ(savings, 1U);
    savings = 0;
    seconds(60);
    EXPECT_GE(savings, 2U);
    EXPECT_LE(savings, 3U);
    savings = 0;
    auto larger = live();
    for (std::uint32_t i = 0; i < 200'000; ++i) larger.announce(v4(i), i);
    for (int i = 0; i < 180; ++i) {
        reactor.advance(std::chrono::seconds(1));
        savings += larger.pool.waiting();
        larger.pool.settle();
        larger.announce(v4(1));
    }
    EXPECT_GE(savings, 2U);
    EXPECT_LE(savings, 3U);
}

TEST_F(SwarmKeeperTest, WhatIsThereAtAGracefulStopIsThereAfterIt) {
    {
        auto life = live();
        life.announce(v4(1));
        bool saved = false;
        life.keeper->save([&] { saved = true; });
        life.announce(v4(2));
        life.keeper->save([&] { saved = true; });  // the one under way has not seen the second
        EXPECT_FALSE(saved);
        life.pool.settle();
        EXPECT_TRUE(saved);
    }
    reactor.advance(std::chrono::minutes(10));
    EXPECT_EQ(live().seeds(), 2U);
    reactor.advance(std::chrono::minutes(36));
    EXPECT_EQ(live().seeds(), 0U);
}

TEST_F(SwarmKeeperTest, NothingIsWrittenWhenNothingChanged) {
    auto life = live();
    pass(life);
    EXPECT_FALSE(disk.exists(file));
    life.announce(v4(1));
    pass(life);
    const auto operations = disk.operations;
    pass(life);
    EXPECT_EQ(disk.operations, operations);
}

TEST_F(SwarmKeeperTest, ManySwarmsGoInSlicesWhileOthersAnnounce) {
    constexpr std::uint32_t swarms = 30'000;
    {
        auto life = live();
        for (std::uint32_t i = 0; i < swarms; ++i) life.announce(v4(i), i);
        reactor.advance(pause);
        int slices = 0;
        for (; life.pool.run_job(); ++slices) {
            life.announce(v4(7), 1'000'000 + static_cast<std::uint32_t>(slices));
            reactor.run_posted();
        }
        EXPECT_GE(slices, 4);
    }
    auto life = live();
    EXPECT_GE(life.store.store.totals().peers_v4, swarms);
    for (std::uint32_t i = 0; i < swarms; i += 997) EXPECT_EQ(life.seeds(i), 1U);
}

TEST_F(SwarmKeeperTest, ADamagedFileIsToldAndWhatIsRightIsTaken) {
    {
        auto life = live();
        life.announce(v4(1));
        pass(life);
    }
    disk.change_content(file)[60] ^= 1;
    {
        auto life = live();
        EXPECT_EQ(life.seeds(), 0U);
        ASSERT_EQ(life.heard.troubles.size(), 1U);
        EXPECT_THAT(
            life.heard.troubles[0],
            HasSubstr("/state/swarms: a damaged block at byte 57; it is kept as swarms.damaged; peers "
                      "that are missing are listed again once they announce"));
        EXPECT_TRUE(disk.exists("/state/swarms.damaged"));
        life.announce(v4(2));
        pass(life);
    }
    EXPECT_EQ(live().seeds(), 1U);
}

TEST_F(SwarmKeeperTest, TheFormerFileHasWhatADamagedOneLacks) {
    {
        auto life = live();
        life.announce(v4(1));
        pass(life);
        life.announce(v4(2));
        pass(life);
    }
    disk.change_content(file)[0] ^= 1;
    auto life = live();
    EXPECT_EQ(life.seeds(), 1U);
    ASSERT_EQ(life.heard.troubles.size(), 1U);
    EXPECT_THAT(life.heard.troubles[0],
                HasSubstr("/state/swarms: it is no file of saved swarms at byte 0; it "
                          "is kept as swarms.damaged; the one saved before it is used"));
}

// Killed after the former file was put away, before the new one was in place.
TEST_F(SwarmKeeperTest, TheFormerFileIsReadWhenItIsTheOnlyOne) {
    {
        auto life = live();
        life.announce(v4(1));
        pass(life);
        life.announce(v4(2));
        disk.fault = [](const std::string& operation, const std::string& path) {
            return operation == "rename" && path.ends_with("~") ? EIO : 0;
        };
        pass(life);
        disk.fault = nullptr;
    }
    ASSERT_FALSE(disk.exists(file));
    auto life = live();
    EXPECT_EQ(life.seeds(), 1U);
    EXPECT_TRUE(life.heard.troubles.empty());
}

TEST_F(SwarmKeeperTest, AFullDiskIsToldOnceAndTheOldFileStays) {
    auto life = live();
    life.announce(v4(1));
    pass(life);
    disk.fault = [](const std::string& operation, const std::string&) {
        return operation == "write" ? ENOSPC : 0;
    };
    for (int i = 0; i < 3; ++i) {
        life.announce(v4(2));
        pass(life);
    }
    EXPECT_EQ(life.heard.troubles.size(), 1U);
    bool saved = false;
    life.keeper->save([&] { saved = true; });
    life.pool.settle();
    EXPECT_TRUE(saved);  // as far as it goes
    EXPECT_EQ(live().seeds(), 1U);
    disk.fault = nullptr;
    pass(life);
    EXPECT_EQ(live().seeds(), 2U);
}

bool was_announced(const Endpoint& peer, std::uint32_t swarm) {
    const auto& octets = peer.address.octets();
    const std::uint32_t host = octets[2] * 256U + octets[3];
    return peer == v4(host) && (host < 200 ? host % 3 == swarm : host == 300 && swarm == 1);
}

// Nothing is synced; whatever a power cut leaves is believed only if it is right.
TEST_F(SwarmKeeperTest, APowerCutLeavesNothingFalse) {
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        Rng rng(seed);
        FaultDisk torn;
        {
            Life life(reactor, torn);
            for (std::uint32_t i = 0; i < 200; ++i) life.announce(v4(i), i % 3);
            pass(life);
            if (rng.chance(1, 2)) life.announce(v4(300));
            reactor.advance(pause);
            for (auto jobs = rng.below(3); jobs > 0; --jobs) {
                life.pool.run_job();
                reactor.run_posted();
            }
        }
        torn.lose_power(rng);
        Life after(reactor, torn);
        const auto peers = after.store.store.totals().peers_v4;
        EXPECT_LE(peers, 201U);
        for (std::uint32_t swarm = 0; swarm < 3; ++swarm)
            for (const auto& peer : after.store.announce(v4(999), 5, Event::none, swarm, 200).peers)
                EXPECT_TRUE(was_announced(peer, swarm)) << peer.text();
    }
}

TEST_F(SwarmKeeperTest, MayEndWhileItSaves) {
    auto life = live();
    life.announce(v4(1));
    life.keeper->save([] { FAIL(); });
    life.keeper.reset();
    life.pool.settle();
}

}  // namespace
}  // namespace spate::tracker
