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

}  // namespace spate::sim
