#include "tracker/swarm_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>

#include "tracker/swarm_fixture.h"

namespace spate::tracker {
namespace {

using announce::Event;
using testing::UnorderedElementsAre;
using Octets = std::vector<std::uint8_t>;

constexpr WallTime saved_at{1'700'000'000};

Octets file_of(const SwarmStore& store, TimePoint now) {
    Octets file;
    append_swarm_file_start(file, store.client_key());
    for (std::size_t number = 0; number < SwarmStore::shard_count; ++number)
        append_swarms(file, store.shard(number), saved_at, now);
    append_swarm_file_end(file);
    return file;
}

struct Told final : SwarmFileReader::Sink {
    void on_client_key(const hash::SipKey& key) override { keys.push_back(key); }
    void on_swarm(const KeptSwarm& swarm, WallTime saved) override {
        EXPECT_EQ(saved, saved_at);
        swarms.push_back(swarm);
    }
    std::vector<hash::SipKey> keys;
    std::vector<KeptSwarm> swarms;
};

// All of it, `step` octets at a time.
Result<void> read(const Octets& file, std::size_t step, SwarmFileReader::Sink& sink) {
    SwarmFileReader reader(sink);
    for (std::size_t at = 0; at < file.size(); at += step)
        if (auto fed = reader.feed(Bytes(file).subspan(at, std::min(step, file.size() - at))); !fed)
            return fed;
    return reader.end();
}

void restore(const Octets& file, SwarmStore& store, Duration since_saved, TimePoint now) {
    Told told;
    ASSERT_TRUE(read(file, file.size(), told));
    store.set_client_key(told.keys.at(0));
    for (const auto& swarm : told.swarms) store.restore(swarm, since_saved, now);
    store.settle();
}

TEST(SwarmFile, BringsSwarmsOverARestart) {
    Store before;
    before.announce(v4(1), 0);
    before.announce(v4(2), 100);
    before.announce(v6(3), 50, Event::paused);
    before.announce(v4(2), 0, Event::completed);
    before.announce(v6(4), 7, Event::none, 2);
    const auto file = file_of(before.store, before.now);
    Store after;
    after.now = TimePoint(std::chrono::seconds(5));  // the machine was started again
    restore(file, after.store, std::chrono::minutes(1), after.now);
    for (const std::uint32_t swarm : {1U, 2U}) EXPECT_EQ(after.counts(swarm), before.counts(swarm));
    EXPECT_EQ(after.counts(1).downloaded, 1U);
    EXPECT_THAT(after.announce(v4(9), 100).peers, UnorderedElementsAre(v4(1), v4(2), v6(3)));
    EXPECT_EQ(after.store.totals().peers_v6, 2U);
}

TEST(SwarmFile, IsReadTheSameInAnyPieces) {
    Store store;
    for (std::uint32_t i = 0; i < 40; ++i)
        store.announce(i % 3 == 0 ? v6(i) : v4(i), i % 2, Event::none, i % 7);
    const auto file = file_of(store.store, store.now);
    Told whole;
    ASSERT_TRUE(read(file, file.size(), whole));
    EXPECT_EQ(whole.swarms.size(), 7U);
    for (const std::size_t step : {1U, 7U, 100U}) {
        Told told;
        ASSERT_TRUE(read(file, step, told));
        EXPECT_EQ(told.swarms, whole.swarms);
        EXPECT_EQ(told.keys, whole.keys);
    }
}

TEST(SwarmFile, AgesGoOn) {
    Store before;
    before.announce(v4(1), 0);
    before.now += std::chrono::minutes(20);
    before.announce(v4(2), 0);
    const auto file = file_of(before.store, before.now);
    Store after;
    restore(file, after.store, std::chrono::minutes(15), after.now);
    EXPECT_EQ(after.counts().complete, 2U);
    after.now += std::chrono::minutes(11);  // the first was silent for 46 minutes
    EXPECT_EQ(after.counts().complete, 1U);
    Store later;
    restore(file, later.store, std::chrono::minutes(30), later.now);
    EXPECT_EQ(later.counts().complete, 1U);
    Store much_later;
    restore(file, much_later.store, std::chrono::hours(24 * 365), much_later.now);
    EXPECT_EQ(much_later.store.totals().swarms, 0U);
}

// A client is the same client after a restart: its completion counts, and its two families count once.
TEST(SwarmFile, ClientsAreKnownAgain) {
    Store before;
    before.id = 7;
    before.key = 1;
    before.announce(v4(1), 100);
    before.announce(v6(1), 100);
    const auto file = file_of(before.store, before.now);
    Store after;
    after.id = 7;
    after.key = 1;
    restore(file, after.store, {}, after.now);
    EXPECT_EQ(after.counts().incomplete, 1U);
    after.announce(v4(1), 0, Event::completed);
    EXPECT_EQ(after.counts().downloaded, 1U);
}

TEST(SwarmFile, WhoseFirstRecordIsTooOldCountsByItsSecond) {
    Store before;
    before.id = 7;
    before.key = 1;
    before.announce(v4(1), 100);
    before.now += std::chrono::minutes(30);
    before.announce(v6(1), 100);
    const auto file = file_of(before.store, before.now);
    Store after;
    restore(file, after.store, std::chrono::minutes(20), after.now);
    EXPECT_EQ(after.counts().incomplete, 1U);
    EXPECT_EQ(after.store.totals().peers_v4, 0U);
}

TEST(SwarmFile, ALargeSwarmGoesInParts) {
    SwarmLimits limits;
    limits.peers_per_source = 65'535;
    Store before(limits);
    constexpr std::uint32_t peers = 40'000;
    for (std::uint32_t i = 0; i < peers; ++i)
        before.announce(i % 2 == 0 ? v4(i) : v6(i), i % 3, Event::none, 1, 0);
    const auto file = file_of(before.store, before.now);
    Told told;
    ASSERT_TRUE(read(file, 1000, told));
    EXPECT_GT(told.swarms.size(), 1U);
    Store after(limits);
    restore(file, after.store, {}, after.now);
    EXPECT_EQ(after.counts(), before.counts());
    EXPECT_EQ(after.store.totals().peers_v4, peers / 2);
}

TEST(SwarmFile, CapsHoldForWhatIsRestored) {
    Store before;
    for (std::uint32_t i = 0; i < 60; ++i) before.announce(v4(i), 0, Event::none, i % 6);
    const auto file = file_of(before.store, before.now);
    SwarmLimits limits;
    limits.swarms = 4;
    limits.peers = 25;
    limits.peers_per_swarm = 8;
    Store after(limits);
    restore(file, after.store, {}, after.now);
    EXPECT_EQ(after.store.totals().swarms, 4U);
    EXPECT_EQ(after.store.totals().peers_v4, 25U);
    limits.global_addresses_only = true;
    Store global(limits);
    restore(file, global.store, {}, global.now);
    EXPECT_EQ(global.store.totals().peers_v4, 0U);
}

TEST(SwarmFile, AnyChangedOctetIsNoticed) {
    Store store;
    store.announce(v4(1), 0);
    store.announce(v6(2), 5, Event::none, 2);
    const auto file = file_of(store.store, store.now);
    Told whole;
    ASSERT_TRUE(read(file, file.size(), whole));
    for (std::size_t at = 0; at < file.size(); ++at) {
        auto changed = file;
        changed[at] ^= 0x10;
        Told told;
        const auto done = read(changed, 50, told);
        ASSERT_FALSE(done) << at;
        EXPECT_NE(done.error().message().find("at byte "), std::string::npos);
        // What was told before is right.
        ASSERT_LE(told.swarms.size(), whole.swarms.size());
        for (std::size_t i = 0; i < told.swarms.size(); ++i) EXPECT_EQ(told.swarms[i], whole.swarms[i]);
    }
    for (std::size_t size = 0; size < file.size(); ++size) {
        Told told;
        EXPECT_FALSE(read({file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size)}, 20, told))
            << size;
    }
    auto longer = file;
    longer.push_back(0);
    Told told;
    EXPECT_FALSE(read(longer, 20, told));
}

}  // namespace
}  // namespace spate::tracker
