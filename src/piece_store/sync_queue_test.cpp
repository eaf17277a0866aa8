#include "piece_store/sync_queue.h"

#include <gmock/gmock.h>
#include <vector>

namespace spate::piece_store {
namespace {

using ::testing::ElementsAre;

TEST(SyncQueue, WhatChangesWhileOneIsMadeIsForTheNext) {
    SyncQueue syncs;
    syncs.note_change();
    syncs.begin();
    EXPECT_FALSE(syncs.changed());
    syncs.note_change();
    syncs.end();
    EXPECT_TRUE(syncs.changed());
}

TEST(SyncQueue, OneAfterTheOther) {
    SyncQueue syncs;
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

}  // namespace
}  // namespace spate::piece_store
