// Announces of many torrents: how many at a time, and in which order.
#include "engine/announce_schedule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/test_programs.h"

namespace spate::engine {
namespace {

using namespace std::chrono_literals;

class Slot final : public AnnounceSlot {
  public:
    Slot(AnnounceSchedule& schedule, std::string host) : AnnounceSlot(schedule), host_(std::move(host)) {}
    bool asking = false;
    int asked = 0;

  private:
    std::string announce_host() override { return host_; }
    void on_announce() override {
        asking = true;
        ++asked;
    }
    std::string host_;
};

class AnnounceScheduleTest : public ::testing::Test {
  protected:
    TimePoint now() const { return process.world().reactor.now(); }
    std::vector<std::unique_ptr<Slot>> make(std::size_t count, const std::string& host) {
        std::vector<std::unique_ptr<Slot>> slots;
        for (std::size_t i = 0; i < count; ++i) slots.push_back(std::make_unique<Slot>(schedule, host));
        for (auto& slot : slots) schedule.at(*slot, now());
        return slots;
    }
    static std::size_t asking(const std::vector<std::unique_ptr<Slot>>& slots) {
        return static_cast<std::size_t>(
            std::ranges::count_if(slots, [](const auto& slot) { return slot->asking; }));
    }
    void finish(Slot& slot) {
        slot.asking = false;
        schedule.leave(slot);
    }

    sim::Testbed testbed{1};
    sim::Process& process = testbed.add_host("host", sim::plain_host()).run("test", sim::idle_program());
    AnnounceSchedule schedule{process.world().reactor};
};

TEST_F(AnnounceScheduleTest, NobodyAsksBeforeItsTime) {
    Slot slot(schedule, "t");
    schedule.at(slot, now() + 10s);
    testbed.simulation().run_for(9s);
    EXPECT_EQ(slot.asked, 0);
    schedule.at(slot, now() + 5s);
    testbed.simulation().run_for(4s);
    EXPECT_EQ(slot.asked, 0);
    testbed.simulation().run_for(2s);
    EXPECT_EQ(slot.asked, 1);
}

TEST_F(AnnounceScheduleTest, OneHostIsAskedSoManyAtATimeAndAllInTheEnd) {
    auto slots = make(100, "t");
    std::size_t done = 0;
    while (done < 100) {
        testbed.simulation().run_for(1s);
        ASSERT_EQ(asking(slots), std::min(AnnounceSchedule::per_host_max, 100 - done));
        for (auto& slot : slots)
            if (slot->asking) {
                finish(*slot);
                ++done;
            }
    }
    EXPECT_TRUE(std::ranges::all_of(slots, [](const auto& slot) { return slot->asked == 1; }));
    EXPECT_EQ(schedule.in_flight(), 0U);
}

TEST_F(AnnounceScheduleTest, ASilentHostDelaysNoOther) {
    auto silent = make(1000, "silent");
    auto others = make(5, "t");
    testbed.simulation().run_for(1s);
    EXPECT_EQ(asking(silent), AnnounceSchedule::per_host_max);
    EXPECT_EQ(asking(others), 5U);
}

TEST_F(AnnounceScheduleTest, LastWordsGoFirstAndBesideTheOthers) {
    auto slots = make(100, "t");
    testbed.simulation().run_for(1s);
    auto leaving = make(50, "t");
    for (auto& slot : leaving) schedule.at(*slot, now(), AnnounceSchedule::Urgency::last_words);
    testbed.simulation().run_for(1s);
    EXPECT_EQ(asking(leaving), 50U);
    EXPECT_EQ(asking(slots), AnnounceSchedule::per_host_max);
}

TEST_F(AnnounceScheduleTest, InAllThereIsALimitAndHostsTakeTurns) {
    std::vector<std::vector<std::unique_ptr<Slot>>> hosts;
    for (int i = 0; i < 40; ++i) hosts.push_back(make(10, "t" + std::to_string(i)));
    testbed.simulation().run_for(1s);
    EXPECT_EQ(schedule.in_flight(), AnnounceSchedule::in_flight_max);
    for (const auto& slots : hosts) EXPECT_GE(asking(slots), 6U);
}

TEST_F(AnnounceScheduleTest, WhoIsGoneIsForgotten) {
    auto slots = make(50, "t");
    testbed.simulation().run_for(1s);
    while (slots.size() > 10) slots.erase(slots.begin() + static_cast<std::ptrdiff_t>(slots.size() / 2));
    testbed.simulation().run_for(1s);
    EXPECT_EQ(asking(slots), 10U);
    slots.clear();
    EXPECT_EQ(schedule.in_flight(), 0U);
}

}  // namespace
}  // namespace spate::engine
