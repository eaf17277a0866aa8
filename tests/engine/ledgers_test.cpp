// What threads keep together, by threads.
#include <atomic>
#include <gtest/gtest.h>
#include <thread>
#include <vector>

#include "base/ledger.h"
#include "base/rng.h"
#include "engine/shared_rate.h"

namespace spate::engine {
namespace {

TEST(Ledger, ThreadsTogetherNeverHoldMoreThanTheCap) {
    constexpr std::uint32_t cap = 40;
    constexpr unsigned holders = 4;
    Ledger ledger(cap, holders);
    std::atomic<std::uint32_t> held = 0;
    std::atomic<std::uint32_t> most = 0;
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < holders; ++i)
        threads.emplace_back([&, seed = i + 1] {
            Rng rng(seed);
            Slots slots(ledger);
            for (int step = 0; step < 20'000; ++step) {
                if (rng.below(2) == 0 && slots.take()) {
                    const auto now = held.fetch_add(1) + 1;
                    for (auto before = most.load();
                         before < now && !most.compare_exchange_weak(before, now);) {
                    }
                } else if (slots.used() > 0) {
                    held.fetch_sub(1);
                    slots.give();
                }
            }
            held.fetch_sub(slots.used());
            slots.give(slots.used());
        });
    for (auto& thread : threads) thread.join();
    EXPECT_LE(most, cap);
    // All of it is there again: that of those that are gone, too.
    const Allowance all(ledger);
    EXPECT_TRUE(all.can_grow(cap));
    EXPECT_FALSE(all.can_grow(cap + 1));
}

TEST(SharedRate, ThreadsTogetherKeepIt) {
    constexpr std::uint64_t rate = 10'000'000;
    constexpr unsigned threads = 4;
    SharedRate shared(rate, threads);
    std::atomic<std::int64_t> clock = 0;  // ns; moved by whoever is first
    std::atomic<std::uint64_t> flowed = 0;
    const auto run = [&](unsigned number) {
        SharedRate::Part part(shared, number);
        swarm::RateLimiter limiter(rate, part);
        while (clock < 20'000'000'000) {
            const TimePoint now{Duration(clock += 50'000)};
            if (limiter.available(16'384, now) == 0) continue;
            limiter.take(16'384, now);
            flowed += 16'384;
        }
    };
    std::vector<std::jthread> all;
    for (unsigned i = 0; i < threads; ++i) all.emplace_back(run, i);
    all.clear();
    EXPECT_LE(flowed, rate * 20 + rate / 100 * 20);
    EXPECT_GE(flowed, rate * 20 - rate / 100 * 20);
}

}  // namespace
}  // namespace spate::engine
