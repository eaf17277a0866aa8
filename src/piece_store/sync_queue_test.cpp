#include "piece_store/sync_queue.h"

#include <gmock/gmock.h>
#include <vector>

#include "piece_store/test_world.h"

namespace spate::piece_store {
namespace {

using ::testing::ElementsAre;

class SyncQueueTest : public StoreFixture {
  protected:
    void step(SyncQueue& queue, const std::string& name) {
        queue.in_turn(0, [this, &queue, name] {
            begun.push_back(name);
            queue.pool().submit([] {}, [] {});
        });
    }
    SyncQueue syncs{resources->syncs()};
    std::vector<std::string> begun;
};

TEST_F(SyncQueueTest, WhatChangesWhileOneIsMadeIsForTheNext) {
    syncs.note_change();
    syncs.begin();
    EXPECT_FALSE(syncs.changed());
    syncs.note_change();
    syncs.end();
    EXPECT_TRUE(syncs.changed());
}

TEST_F(SyncQueueTest, OneAfterTheOther) {
    std::vector<int> done;
    syncs.begin();
    for (const int number : {1, 2, 3})
        syncs.wait([&, number] {
            done.push_back(number);
            if (number != 2) syncs.begin();
        });
    syncs.run_next();
    EXPECT_THAT(done, ElementsAre());
    syncs.end();
    syncs.run_next();
    syncs.run_next();
    EXPECT_THAT(done, ElementsAre(1));
    syncs.end();
    syncs.run_next();
    syncs.run_next();
    EXPECT_THAT(done, ElementsAre(1, 2, 3));
}

TEST_F(SyncQueueTest, StepsWaitForTheirTurnAmongThoseOfAllStores) {
    SyncQueue second(resources->syncs());
    auto third = std::make_unique<SyncQueue>(resources->syncs());
    SyncQueue fourth(resources->syncs());
    step(syncs, "1");
    step(second, "2");
    step(*third, "3");
    step(fourth, "4");
    EXPECT_THAT(begun, ElementsAre("1", "2"));
    third.reset();
    pool.run_job();
    reactor.run_posted();
    step(syncs, "1 again");
    EXPECT_THAT(begun, ElementsAre("1", "2", "4"));
    settle();
    EXPECT_THAT(begun, ElementsAre("1", "2", "4", "1 again"));
}

TEST_F(SyncQueueTest, OneThatIsWaitedForGoesBeforeThoseOfOthers) {
    SyncQueue second(resources->syncs());
    SyncQueue third(resources->syncs());
    SyncQueue closing(resources->syncs());
    step(syncs, "1");
    step(second, "2");
    step(third, "3");
    step(closing, "closing");
    closing.hurry();
    pool.run_job();
    reactor.run_posted();
    EXPECT_THAT(begun, ElementsAre("1", "2", "closing"));
    settle();
    EXPECT_THAT(begun, ElementsAre("1", "2", "closing", "3"));
}

}  // namespace
}  // namespace spate::piece_store
