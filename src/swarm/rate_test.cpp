// RateMeter, RateLimiter and RateShares.
#include <cmath>
#include <gtest/gtest.h>

#include "base/rng.h"
#include "swarm/rate_limiter.h"
#include "swarm/rate_meter.h"
#include "swarm/rate_shares.h"

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

TEST(RateLimiter, WhatIsMoreThanItCanCountIsNoLimit) {
    for (const std::uint64_t rate : {RateLimiter::rate_max, std::uint64_t{10} << 30, UINT64_MAX}) {
        RateLimiter all(rate);
        RateLimiter below(RateLimiter::unlimited, &all);
        EXPECT_FALSE(below.limits());
        EXPECT_EQ(below.available(1 << 30, {}), 1U << 30);
        all.set_rate(1'000, {});
        all.set_rate(rate, {});
        EXPECT_EQ(below.available(1 << 30, {}), 1U << 30);
        RateShares shares(rate, 2);
        EXPECT_EQ(shares.draw(1, 12'345, {}), 12'345U);
    }
    RateLimiter most(RateLimiter::rate_max - 1);
    EXPECT_TRUE(most.limits());
    EXPECT_EQ(most.available(1, {}), 0U);
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

// One of several limiters that draw from shares, as a network thread uses it.
class Drawer final : private RateSource {
  public:
    Drawer(RateShares& shares, unsigned account, std::uint64_t rate, Duration pause)
        : shares_(shares),
          account_(account),
          limiter_(rate, static_cast<RateSource&>(*this)),
          pause_(pause) {}

    // Takes all it may, up to `most` a second, in blocks as an upload does.
    void on_time(TimePoint now, std::uint64_t most = UINT64_MAX) {
        if (now < next_) return;
        next_ = now + pause_;
        const double passed = std::chrono::duration<double>(now.time_since_epoch()).count();
        const auto allowed =
            most == UINT64_MAX ? most : static_cast<std::uint64_t>(passed * static_cast<double>(most));
        while (taken_ < allowed && limiter_.available(block, now) > 0) {
            limiter_.take(block, now);
            taken_ += block;
        }
    }
    std::uint64_t taken() const { return taken_; }

  private:
    static constexpr std::uint64_t block = 16'384;
    std::uint64_t draw(std::uint64_t room, TimePoint now) override {
        return shares_.draw(account_, room, now);
    }
    RateShares& shares_;
    unsigned account_;
    RateLimiter limiter_;
    Duration pause_;
    TimePoint next_{};
    std::uint64_t taken_ = 0;
};

TEST(RateShares, TogetherTheyKeepTheRateAndNoneStarves) {
    for (const std::uint64_t rate : {50'000UL, 1'000'003UL, 125'000'000UL}) {
        RateShares shares(rate, 3);
        // One asks all the time, one in every turn of a rate timer, one late.
        std::vector<Drawer> drawers;
        drawers.reserve(3);
        const Duration pauses[] = {milliseconds(1), milliseconds(20), milliseconds(60)};
        for (unsigned i = 0; i < 3; ++i) drawers.emplace_back(shares, i, rate, pauses[i]);
        const auto length = seconds(std::max<std::uint64_t>(60, 10'000'000 / rate));
        for (TimePoint now{}; now < TimePoint{} + length; now += milliseconds(1))
            for (Drawer& drawer : drawers) drawer.on_time(now);
        const auto all = static_cast<double>(rate) * std::chrono::duration<double>(length).count();
        double taken = 0;
        for (const Drawer& drawer : drawers) {
            EXPECT_NEAR(static_cast<double>(drawer.taken()), all / 3, all / 30) << rate;
            taken += static_cast<double>(drawer.taken());
        }
        EXPECT_NEAR(taken, all, all / 100) << rate;
    }
}

TEST(RateShares, WhatOneDoesNotUseTheOthersHave) {
    constexpr std::uint64_t rate = 10'000'000;
    RateShares shares(rate, 4);
    std::vector<Drawer> drawers;
    drawers.reserve(4);
    for (unsigned i = 0; i < 4; ++i) drawers.emplace_back(shares, i, rate, milliseconds(5));
    const auto length = seconds(60);
    for (TimePoint now{}; now < TimePoint{} + length; now += milliseconds(1)) {
        drawers[0].on_time(now);
        drawers[1].on_time(now, 1'000'000);
        drawers[2].on_time(now);
    }
    EXPECT_NEAR(static_cast<double>(drawers[1].taken()), 60e6, 6e5);
    EXPECT_NEAR(static_cast<double>(drawers[0].taken()), 270e6, 6e6);
    EXPECT_NEAR(static_cast<double>(drawers[0].taken() + drawers[1].taken() + drawers[2].taken()), 600e6,
                6e6);
}

TEST(RateShares, AfterAPauseLessThanASecondFlowsAtOnce) {
    constexpr std::uint64_t rate = 1'000'000;
    RateShares shares(rate, 2);
    TimePoint now{};
    EXPECT_EQ(shares.draw(0, 100, now), 0U);
    now += seconds(3600);
    const auto first = shares.draw(0, UINT64_MAX, now), second = shares.draw(1, UINT64_MAX, now);
    EXPECT_GE(second, rate / 8) << "its own account";
    EXPECT_LE(first + second, rate / 4 * 3);
    EXPECT_GE(first + second, rate / 2);
}

TEST(RateShares, AClosedAccountLeavesItsPartAndANewRateHoldsFromNowOn) {
    RateShares shares(1'000'000, 2);
    TimePoint now{};
    EXPECT_EQ(shares.draw(0, UINT64_MAX, now), 0U);
    now += milliseconds(100);
    EXPECT_EQ(shares.draw(0, UINT64_MAX, now), 50'000U);
    shares.close(1);
    EXPECT_EQ(shares.draw(0, UINT64_MAX, now), 50'000U);
    now += milliseconds(100);
    EXPECT_EQ(shares.draw(0, UINT64_MAX, now), 100'000U);
    shares.set_rate(10'000, now);
    now += milliseconds(100);
    EXPECT_EQ(shares.draw(0, UINT64_MAX, now), 1'000U);
    shares.set_rate(RateLimiter::unlimited, now);
    EXPECT_EQ(shares.draw(0, 12'345, now), 12'345U);
}

TEST(RateLimiter, WhatDoesNotFlowAfterAllIsThereForOthers) {
    TimePoint now{};
    RateLimiter all(100'000);
    RateLimiter one(RateLimiter::unlimited, &all);
    RateLimiter another(RateLimiter::unlimited, &all);
    all.available(1, now);
    now += std::chrono::milliseconds(200);
    for (int i = 0; i < 1000; ++i) {  // asked for and cancelled
        one.take(16384, now);
        one.give_back(16384);
    }
    EXPECT_EQ(another.available(50'000, now), 20'000U);
    one.give_back(1'000'000);
    EXPECT_EQ(another.available(1'000'000, now), 50'000U);  // no more than a burst
}

}  // namespace
}  // namespace spate::swarm
