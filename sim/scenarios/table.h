// The functions of the scenarios, one file each; what they are about: table.cpp.
#pragma once

#include "sim/testbed.h"

namespace spate::sim {

void run_echo_under_faults(Testbed& testbed);
void run_disk_crash(Testbed& testbed);
void run_database_crash(Testbed& testbed);
void run_piece_store_crash(Testbed& testbed);
void run_classic_demo(Testbed& testbed);
void run_classic_demo_under_faults(Testbed& testbed);
void run_classic_evil_peers(Testbed& testbed);
void run_swarm_transfer(Testbed& testbed);
void run_swarm_under_faults(Testbed& testbed);
void run_swarm_evil_peers(Testbed& testbed);
void run_swarm_metadata(Testbed& testbed);
void run_swarm_large(Testbed& testbed);
void run_swarm_partial_seeds(Testbed& testbed);
void run_swarm_selection(Testbed& testbed);
void run_swarm_super_seeding(Testbed& testbed);
void run_swarm_sequential(Testbed& testbed);
void run_swarm_deadlines(Testbed& testbed);
void run_swarm_fairness(Testbed& testbed);
void run_swarm_crowd(Testbed& testbed);
void run_swarm_trackers(Testbed& testbed);
void run_swarm_far_link(Testbed& testbed);
void run_swarm_slow_links(Testbed& testbed);
void run_swarm_slow_torrents(Testbed& testbed);
void run_publication(Testbed& testbed);

}  // namespace spate::sim
