// Host: a machine: a node of the network, a disk, a wall clock and the processes on it.
// Owner: the Testbed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/disk.h"
#include "sim/network_model.h"
#include "sim/process.h"
#include "sim/work_pool.h"

namespace spate::sim {

struct HostSettings {
    NodeSettings node;
    WorkPoolSettings pool;
    DiskAbilities disk;
};

// A machine as they come: buffers, segments, short calls and threads drawn at random, within what any program
// must bear.
HostSettings draw_host_settings(Rng& rng);

class Host {
  public:
    Host(NetworkModel& network, std::string name, HostSettings settings);

    Simulation& simulation() { return network_.simulation(); }
    NetworkModel& network() { return network_; }
    NodeId id() const { return id_; }
    Node& node() { return network_.node(id_); }
    Disk& disk() { return disk_; }
    const Disk& disk() const { return disk_; }
    const HostSettings& settings() const { return settings_; }
    const std::string& name() const { return name_; }
    Address address() const { return settings_.node.addresses.front(); }
    bool up() { return node().up; }

    // Started at once. Named "host/name" in the log.
    Process& run(const std::string& name, Program program);
    const std::vector<std::unique_ptr<Process>>& processes() const { return processes_; }

    // Everything stops; the disk loses what was not synced; the others hear nothing.
    void power_cut();
    // The processes that are wanted start again.
    void power_on();
    void start_wanted();

    WallTime wall_now();
    void jump_wall_clock(std::int64_t seconds) { wall_offset_ += seconds; }

  private:
    NetworkModel& network_;
    std::string name_;
    HostSettings settings_;
    NodeId id_;
    std::int64_t wall_offset_ = 1'750'000'000;
    Disk disk_;
    std::vector<std::unique_ptr<Process>> processes_;
};

}  // namespace spate::sim
