#include "io/linux/timer_queue.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <map>

#include "base/rng.h"

namespace spate::io_linux {
namespace {

TimePoint at(std::int64_t nanoseconds) {
    return TimePoint(Duration(nanoseconds));
}

std::shared_ptr<TimerEntry> entry() {
    return std::make_shared<TimerEntry>([] {});
}

TEST(TimerQueue, GivesOutOnlyWhatIsDueAndWasArmedBeforeTheMark) {
    TimerQueue queue;
    const auto early = entry();
    const auto late = entry();
    queue.arm(*late, at(20));
    queue.arm(*early, at(10));
    const auto mark = queue.mark();
    EXPECT_EQ(queue.next_due(), at(10));
    EXPECT_EQ(queue.take_due(at(9), mark), nullptr);
    EXPECT_EQ(queue.take_due(at(10), mark), early);
    queue.arm(*early, at(5));
    EXPECT_EQ(queue.take_due(at(30), mark), nullptr);
    EXPECT_EQ(queue.take_due(at(30), queue.mark()), early);
    EXPECT_EQ(queue.take_due(at(30), queue.mark()), late);
    EXPECT_EQ(queue.next_due(), never);
}

TEST(TimerQueue, NeverIsNotDueEvenAtTheEndOfTime) {
    TimerQueue queue;
    const auto one = entry();
    queue.arm(*one, never);
    EXPECT_EQ(queue.take_due(never, queue.mark()), nullptr);
    queue.disarm(*one);
}

// Against the plainest model: a map ordered by deadline and arming.
TEST(TimerQueue, AgreesWithASortedMapUnderRandomUse) {
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        Rng rng(seed);
        TimerQueue queue;
        std::vector<std::shared_ptr<TimerEntry>> entries;
        for (int i = 0; i < 60; ++i) entries.push_back(entry());
        std::map<std::pair<TimePoint, std::uint64_t>, TimerEntry*> model;
        const auto forget = [&](TimerEntry* gone) {
            std::erase_if(model, [&](const auto& item) { return item.second == gone; });
        };
        for (std::uint64_t step = 0; step < 1'000; ++step) {
            TimerEntry* chosen = entries[rng.below(entries.size())].get();
            if (rng.chance(3, 5)) {
                const TimePoint due = at(static_cast<std::int64_t>(rng.below(40)));
                forget(chosen);
                queue.arm(*chosen, due);
                model[{due, step}] = chosen;
            } else if (rng.chance(1, 2)) {
                queue.disarm(*chosen);
                forget(chosen);
            } else {
                const TimePoint now = at(static_cast<std::int64_t>(rng.below(40)));
                const auto taken = queue.take_due(now, queue.mark());
                const bool expected = !model.empty() && model.begin()->first.first <= now;
                ASSERT_EQ(taken.get(), expected ? model.begin()->second : nullptr) << "seed " << seed;
                if (expected) model.erase(model.begin());
            }
            ASSERT_EQ(queue.next_due(), model.empty() ? never : model.begin()->first.first)
                << "seed " << seed;
        }
    }
}

}  // namespace
}  // namespace spate::io_linux
