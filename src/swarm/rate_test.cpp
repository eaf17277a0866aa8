// RateMeter and RateLimiter.
#include <cmath>
#include <gtest/gtest.h>

#include "base/rng.h"
#include "swarm/rate_limiter.h"
#include "swarm/rate_meter.h"

namespace spate::swarm {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(RateMeter, AConstantRateIsSeenSoonAndFadesAfterTheEnd) {
    RateMeter meter;
    TimePoint now{};
    EXPECT_EQ(meter.rate(now), 0U);
    for (int i = 0; i < 100; ++i) {
        meter.add(10'000, now);
        now += milliseconds(10);
        if (i > 50) {
            EXPECT_NEAR(static_cast<double>(meter.rate(now)), 1e6, 5e4);
        }
    }
    now += seconds(5);
    EXPECT_LT(meter.rate(now), 500'000U);
    now += seconds(60);
    EXPECT_LT(meter.rate(now), 100U);
}

// Takes from `limiter` in random amounts whenever it may, waking up late now and then; gives the bytes a
// second.
double long_run(RateLimiter& limiter, Duration time, Rng& rng, std::uint64_t amount_max) {
    TimePoint now{};
    std::uint64_t taken = 0;
    while (now < TimePoint{} + time) {
        const auto wanted = 1 + rng.below(amount_max);
        const auto granted = limiter.available(wanted, now);
        if (granted == 0) {
            const auto ready = limiter.ready_at(wanted, now);
            EXPECT_GT(ready, now);
            now = ready + milliseconds(rng.below(20));
            continue;
        }
        // Now and then more than was granted: a read brings what it brings.
        const auto bytes = rng.chance(1, 4) ? wanted : granted;
        limiter.take(bytes, now);
        taken += bytes;
    }
    return static_cast<double>(taken) / std::chrono::duration<double>(time).count();
}

TEST(RateLimiter, LongRunErrorIsBelowOnePercentAtEveryRateAndSize) {
    Rng rng(3);
    for (const std::uint64_t rate : {1'000UL, 64'000UL, 1'000'003UL, 125'000'000UL, 1'250'000'000UL})
        for (const std::uint64_t amount : {100UL, 16'384UL, 262'144UL}) {
            if (rate / amount > 100'000) continue;  // too many steps for a test
            RateLimiter limiter(rate);
            const auto time = seconds(std::max<std::uint64_t>(20, 400 * amount / rate));
            const auto measured = long_run(limiter, time, rng, amount);
            EXPECT_NEAR(measured, static_cast<double>(rate), static_cast<double>(rate) / 100)
                << rate << " in " << amount;
        }
}

TEST(RateLimiter, TheLeastOfTheChainCounts) {
    Rng rng(4);
    RateLimiter all(300'000);
    RateLimiter torrent(RateLimiter::unlimited, &all);
    RateLimiter slow(100'000, &torrent), fast(RateLimiter::unlimited, &torrent);
    EXPECT_TRUE(fast.limits());
    EXPECT_FALSE(RateLimiter().limits());
    EXPECT_EQ(RateLimiter().available(123, {}), 123U);
    TimePoint now{};
    std::uint64_t by_slow = 0, by_fast = 0;
    for (; now < TimePoint{} + seconds(100); now += milliseconds(10)) {
        const auto a = slow.available(16'384, now);
        slow.take(a, now);
        by_slow += a;
        const auto b = fast.available(16'384, now);
        fast.take(b, now);
        by_fast += b;
    }
    EXPECT_NEAR(static_cast<double>(by_slow), 1e7, 1e5);
    EXPECT_NEAR(static_cast<double>(by_slow + by_fast), 3e7, 3e5);
}

TEST(RateLimiter, AfterAPauseAtMostHalfASecondFlowsAtOnce) {
    RateLimiter limiter(1'000'000);
    TimePoint now{};
    limiter.take(0, now);
    now += seconds(3600);
    EXPECT_EQ(limiter.available(UINT64_MAX, now), 500'000U);
}

TEST(RateLimiter, ANewRateHoldsFromNowOn) {
    RateLimiter limiter(1'000);
    TimePoint now{};
    limiter.take(1'000'000, now);  // a debt of 1,000 s
    EXPECT_EQ(limiter.ready_at(1, now), now + seconds(1000) + milliseconds(1));
    limiter.set_rate(1'000'000, now);
    EXPECT_EQ(limiter.ready_at(1'000, now), now + milliseconds(1001));
    limiter.set_rate(RateLimiter::unlimited, now);
    EXPECT_EQ(limiter.available(1 << 30, now), 1U << 30);
    limiter.set_rate(1'000, now);
    EXPECT_EQ(limiter.available(1 << 30, now), 0U);
}

}  // namespace
}  // namespace spate::swarm
