// FaultPlan: what goes wrong in a run, drawn from its seed: faults of many kinds, each from a time on and for
// a while, all of them over at `until`, when the testbed is healed. After that everything must come right:
// that is the liveness check. A new kind of fault is one row of the table in fault_plan.cpp.
#pragma once

#include <cstdint>
#include <set>
#include <string_view>
#include <vector>

#include "sim/testbed.h"

namespace spate::sim {

enum class FaultGroup : std::uint8_t {
    network,  // cuts, slow and lossy ways, resets, refused and blackholed connects, failing accepts and names
    corruption,  // flipped bits on the way
    process,     // kill and restart, pauses
    power,       // power cuts, with the disk's crash
    disk,        // full, slow, failing
    clock,       // jumps of the wall clock
};

struct FaultLimits {
    Duration until = std::chrono::seconds(60);
    std::size_t count_max = 12;
    std::set<FaultGroup> groups;
    // Hosts that fail by themselves (process, power, disk, clock); empty: all. Ways fail between any two.
    std::vector<Host*> hosts;
};

struct Fault {
    std::size_t kind = 0;  // row of the table
    Duration start{};
    Duration end{};
    Host* host = nullptr;
    Host* other = nullptr;
};

class FaultPlan {
  public:
    static FaultPlan draw(Testbed& testbed, const FaultLimits& limits);
    // Puts begin and end of each fault, and the healing, on the testbed's agenda. Times count from now.
    void apply(Testbed& testbed) const;

    const std::vector<Fault>& faults() const { return faults_; }
    static std::string_view name(const Fault& fault);
    // The names of all kinds; each leaves a mark "fault: NAME" when it begins.
    static std::vector<std::string_view> kinds();

  private:
    std::vector<Fault> faults_;
    Duration until_{};
};

}  // namespace spate::sim
