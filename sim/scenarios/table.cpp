#include "sim/scenarios/table.h"

#include <algorithm>
#include <array>

#include "sim/scenario.h"

namespace spate::sim {

namespace {
constexpr std::array table{
    Scenario{"echo-under-faults", "a long stream goes there and back through a faulty network, by reconnects",
             run_echo_under_faults},
    Scenario{"disk-crash", "a write-ahead file keeps every acknowledged record through kills and power cuts",
             run_disk_crash},
    Scenario{"database-crash", "the same for commits of a database in storage's care", run_database_crash},
    Scenario{"piece-store-crash",
             "a download with resume state: after any death the store has only what is on the disk and right",
             run_piece_store_crash},
    Scenario{"classic-demo", "five senders, five receivers, no faults: every byte is fetched once",
             run_classic_demo},
    Scenario{"classic-demo-under-faults", "the same while ways, processes and disks fail",
             run_classic_demo_under_faults},
    Scenario{"classic-evil-peers", "peers that lie, refuse, stall and babble beside two good senders",
             run_classic_evil_peers},
    Scenario{"swarm-transfer", "one seed, two to twenty leechers, v1, v2 and hybrid, no faults",
             run_swarm_transfer},
    Scenario{"swarm-under-faults", "the same while ways, processes, power, disks and clocks fail",
             run_swarm_under_faults},
    Scenario{"swarm-evil-peers", "the same among peers that break the protocol in every known way",
             run_swarm_evil_peers},
    Scenario{"swarm-metadata", "leechers that begin with a magnet link, some among peers that lie about it",
             run_swarm_metadata},
    Scenario{"swarm-large", "twenty to fifty peers (--peers: more) of which some fail", run_swarm_large,
             true},
    Scenario{"swarm-partial-seeds",
             "seeds that give a part each and together everything; a leecher of a part",
             run_swarm_partial_seeds},
    Scenario{"swarm-selection", "some files first, more of them after a restart, then all; some hosts die",
             run_swarm_selection},
    Scenario{"swarm-super-seeding", "a slow seed gives everything about once", run_swarm_super_seeding, true},
    Scenario{"swarm-sequential", "leechers that want the beginning first", run_swarm_sequential},
    Scenario{"swarm-deadlines", "pieces wanted by a time are asked for before all others, under faults",
             run_swarm_deadlines},
    Scenario{"swarm-fairness", "many peers that only take, in one address range or in many",
             run_swarm_fairness, true},
    Scenario{"swarm-crowd",
             "peers that say or ask nothing hold all places of a seed; a leecher is served at once",
             run_swarm_crowd},
    Scenario{"swarm-trackers", "trackers that are dead, deaf, lying or away for a while, in tiers",
             run_swarm_trackers},
    Scenario{"swarm-far-link", "1 Gbit/s at 100 or 300 ms: one peer must get 90 % of it", run_swarm_far_link,
             true},
    Scenario{"swarm-slow-links", "a seed and leechers behind 512 kbit/s: nobody is left behind",
             run_swarm_slow_links},
    Scenario{"swarm-slow-torrents", "several torrents of one session behind 512 kbit/s: none is left behind",
             run_swarm_slow_torrents},
    Scenario{"publication", "publishers try again while the tracker dies between commit and reply",
             run_publication},
};
}  // namespace

std::span<const Scenario> scenarios() {
    return table;
}

const Scenario* find_scenario(std::string_view name) {
    const auto found = std::ranges::find(table, name, &Scenario::name);
    return found == table.end() ? nullptr : &*found;
}

}  // namespace spate::sim
