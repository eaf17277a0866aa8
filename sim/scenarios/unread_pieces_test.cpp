// A torrent whose disk cannot read some pieces goes on, and looks at them again.
#include <gtest/gtest.h>

#include "sim/scenarios/swarm_torrents.h"

namespace spate::sim {
namespace {

using engine::TorrentState;

class UnreadPieces : public ::testing::Test {
  protected:
    // Seeds that may write, too; the first one's disk reads nothing any more, and it was asked for something.
    void begin(int seeds) {
        TorrentSwarmSettings settings;
        settings.sizes = {400'000};
        settings.piece_length = 32'768;
        settings.seeds = seeds;
        settings.leechers = 1;
        settings.hosts_fail = true;
        settings.grace = std::chrono::seconds(90);
        swarm.emplace(testbed, settings);
        ASSERT_TRUE(run_until(TorrentState::seeding));
        seed().host->disk().faults().read_error = 1'000'000;
        ASSERT_TRUE(run_until(TorrentState::waiting));
    }
    const TorrentSwarm::Member& seed() const { return swarm->members().front(); }
    bool run_until(TorrentState state) {
        return testbed.simulation().run_until(
            [&] { return seed().board->status && seed().board->status->state == state; },
            std::chrono::minutes(5));
    }
    void finish() {
        swarm->finish(std::chrono::minutes(5));
        EXPECT_EQ(testbed.simulation().failure(), std::nullopt);
    }

    Testbed testbed{1};
    std::optional<TorrentSwarm> swarm;
};

TEST_F(UnreadPieces, AreServedAgainWhenTheDiskIsWell) {
    begin(1);
    ASSERT_TRUE(run_until(TorrentState::downloading)) << "others might have them";
    testbed.simulation().run_for(std::chrono::minutes(5));
    EXPECT_FALSE(swarm->all_done());
    seed().host->disk().faults().read_error = 0;
    finish();
    EXPECT_TRUE(run_until(TorrentState::seeding));
}

TEST_F(UnreadPieces, AreLookedAtAgainAfterARestart) {
    begin(1);
    ASSERT_TRUE(run_until(TorrentState::downloading));
    testbed.simulation().run_for(std::chrono::minutes(1));
    seed().host->disk().faults().read_error = 0;
    swarm->restart(swarm->members().front(), [](engine::AddTorrent&) {});
    finish();
    EXPECT_TRUE(run_until(TorrentState::seeding));
}

TEST_F(UnreadPieces, AreFetchedFromOthersMeanwhile) {
    begin(2);
    EXPECT_TRUE(run_until(TorrentState::seeding));
    finish();
}

}  // namespace
}  // namespace spate::sim
