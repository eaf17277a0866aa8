#include "sim/fault_plan.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/assert.h"

namespace spate::sim {

namespace {

using Act = void (*)(Testbed&, const Fault&);

struct Kind {
    std::string_view name;
    FaultGroup group;
    Act begin;
    Act end;
};

void change_link(Testbed& testbed, const Fault& fault, void (*change)(LinkSettings&)) {
    auto& network = testbed.network();
    auto settings = network.link(fault.host->id(), fault.other->id());
    change(settings);
    network.set_link(fault.host->id(), fault.other->id(), settings);
}

void clear_link(Testbed& testbed, const Fault& fault) {
    change_link(testbed, fault, [](LinkSettings& link) { link.clear_faults(); });
}

void cut_one_way(Testbed& testbed, const Fault& fault) {
    testbed.network().block(fault.host->id(), fault.other->id());
}

void cut_both_ways(Testbed& testbed, const Fault& fault) {
    testbed.network().partition({fault.host->id()}, {fault.other->id()});
}

void mend(Testbed& testbed, const Fault& fault) {
    testbed.network().unblock(fault.host->id(), fault.other->id());
    testbed.network().unblock(fault.other->id(), fault.host->id());
}

void isolate(Testbed& testbed, const Fault& fault) {
    testbed.network().isolate(fault.host->id());
}

void rejoin(Testbed& testbed, const Fault& fault) {
    for (const auto& host : testbed.hosts()) {
        testbed.network().unblock(fault.host->id(), host->id());
        testbed.network().unblock(host->id(), fault.host->id());
    }
}

void slow_way(Testbed& testbed, const Fault& fault) {
    change_link(testbed, fault, [](LinkSettings& link) { link.slowdown = 50; });
}

void lossy_way(Testbed& testbed, const Fault& fault) {
    change_link(testbed, fault, [](LinkSettings& link) {
        link.loss = 200'000;
        link.duplicate = 100'000;
        link.reorder = 200'000;
    });
}

void resetting_way(Testbed& testbed, const Fault& fault) {
    change_link(testbed, fault, [](LinkSettings& link) { link.reset = 100'000; });
}

void reset_at_byte(Testbed& testbed, const Fault& fault) {
    change_link(testbed, fault, [](LinkSettings& link) { link.reset_at_byte = 100; });
}

void refusing_way(Testbed& testbed, const Fault& fault) {
    change_link(testbed, fault, [](LinkSettings& link) {
        link.refuse = 500'000;
        link.blackhole = 200'000;
    });
}

void corrupting_way(Testbed& testbed, const Fault& fault) {
    change_link(testbed, fault, [](LinkSettings& link) { link.corrupt = 100'000; });
}

void failing_sockets(Testbed&, const Fault& fault) {
    auto& node = fault.host->node().settings;
    node.accept_failure = node.connect_failure = node.resolve_failure = 500'000;
}

void working_sockets(Testbed&, const Fault& fault) {
    auto& node = fault.host->node().settings;
    node.accept_failure = node.connect_failure = node.resolve_failure = 0;
}

void kill(Testbed&, const Fault& fault) {
    for (const auto& process : fault.host->processes()) process->kill();
}

void restart(Testbed&, const Fault& fault) {
    fault.host->start_wanted();
}

void pause(Testbed&, const Fault& fault) {
    for (const auto& process : fault.host->processes()) process->pause(fault.end - fault.start);
}

void nothing(Testbed&, const Fault&) {}

void power_cut(Testbed&, const Fault& fault) {
    fault.host->power_cut();
}
void power_on(Testbed&, const Fault& fault) {
    fault.host->power_on();
}

void fill_disk(Testbed& testbed, const Fault& fault) {
    auto& disk = fault.host->disk();
    disk.faults().capacity = disk.bytes_used() + testbed.simulation().rng().below(8) * page_size;
}

void fail_disk(Testbed&, const Fault& fault) {
    auto& faults = fault.host->disk().faults();
    faults.read_error = faults.write_error = faults.sync_error = faults.change_error = 50'000;
}

void slow_disk(Testbed&, const Fault& fault) {
    fault.host->disk().faults().slowdown = 100;
}

void mend_disk(Testbed&, const Fault& fault) {
    fault.host->disk().faults() = {};
}

void jump_clock(Testbed& testbed, const Fault& fault) {
    const auto year = std::int64_t{366} * 86'400;
    const auto seconds =
        static_cast<std::int64_t>(testbed.simulation().rng().below(static_cast<std::uint64_t>(2 * year)));
    fault.host->jump_wall_clock(seconds - year);
}

constexpr std::array kind_table{
    Kind{"way cut one way", FaultGroup::network, cut_one_way, mend},
    Kind{"way cut", FaultGroup::network, cut_both_ways, mend},
    Kind{"host isolated", FaultGroup::network, isolate, rejoin},
    Kind{"slow way", FaultGroup::network, slow_way, clear_link},
    Kind{"lossy way", FaultGroup::network, lossy_way, clear_link},
    Kind{"resets at random", FaultGroup::network, resetting_way, clear_link},
    Kind{"resets at byte 100", FaultGroup::network, reset_at_byte, clear_link},
    Kind{"connects fail", FaultGroup::network, refusing_way, clear_link},
    Kind{"sockets run out", FaultGroup::network, failing_sockets, working_sockets},
    Kind{"bytes corrupted", FaultGroup::corruption, corrupting_way, clear_link},
    Kind{"kill", FaultGroup::process, kill, restart},
    Kind{"pause", FaultGroup::process, pause, nothing},
    Kind{"power cut", FaultGroup::power, power_cut, power_on},
    Kind{"disk full", FaultGroup::disk, fill_disk, mend_disk},
    Kind{"disk fails", FaultGroup::disk, fail_disk, mend_disk},
    Kind{"disk slow", FaultGroup::disk, slow_disk, mend_disk},
    Kind{"wall clock jumps", FaultGroup::clock, jump_clock, nothing},
};

bool between_two(FaultGroup group) {
    return group == FaultGroup::network || group == FaultGroup::corruption;
}

}  // namespace

FaultPlan FaultPlan::draw(Testbed& testbed, const FaultLimits& limits) {
    SPATE_ASSERT(testbed.hosts().size() >= 2);
    FaultPlan plan;
    plan.until_ = limits.until;
    auto& rng = testbed.simulation().rng();
    std::vector<Host*> all;
    for (const auto& host : testbed.hosts()) all.push_back(host.get());
    const auto& frail = limits.hosts.empty() ? all : limits.hosts;
    std::vector<std::size_t> kinds;
    for (std::size_t i = 0; i < kind_table.size(); ++i) {
        if (limits.groups.contains(kind_table[i].group)) kinds.push_back(i);
    }
    // A run has few kinds of fault, so that some runs meet much of one.
    std::shuffle(kinds.begin(), kinds.end(), rng);
    kinds.resize(std::min<std::size_t>(kinds.size(), 1 + rng.below(4)));
    const auto count = kinds.empty() ? 0 : rng.below(limits.count_max + 1);
    for (std::uint64_t i = 0; i < count; ++i) {
        Fault fault;
        fault.kind = kinds[rng.below(kinds.size())];
        const auto& hosts = between_two(kind_table[fault.kind].group) ? all : frail;
        fault.host = hosts[rng.below(hosts.size())];
        do fault.other = all[rng.below(all.size())];
        while (fault.other == fault.host);
        fault.start = testbed.simulation().between(Duration::zero(), limits.until * 9 / 10);
        const auto rest = limits.until - fault.start;
        fault.end =
            fault.start + testbed.simulation().between(Duration::zero(), rng.chance(1, 2) ? rest : rest / 10);
        plan.faults_.push_back(fault);
    }
    return plan;
}

void FaultPlan::apply(Testbed& testbed) const {
    auto& simulation = testbed.simulation();
    const auto now = simulation.now();
    for (const auto& fault : faults_) {
        const auto& kind = kind_table[fault.kind];
        simulation.at(now + fault.start, [&testbed, &kind, fault] {
            testbed.simulation().record(fault.host->name(), "fault: " + std::string(kind.name), {});
            testbed.simulation().mark("fault: " + std::string(kind.name));
            kind.begin(testbed, fault);
        });
        simulation.at(now + fault.end, [&testbed, &kind, fault] {
            testbed.simulation().record(fault.host->name(), "over: " + std::string(kind.name), {});
            kind.end(testbed, fault);
        });
    }
    simulation.at(now + until_, [&testbed] { testbed.heal(); });
}

std::string_view FaultPlan::name(const Fault& fault) {
    return kind_table[fault.kind].name;
}

std::vector<std::string_view> FaultPlan::kinds() {
    std::vector<std::string_view> names(kind_table.size());
    std::ranges::transform(kind_table, names.begin(), &Kind::name);
    return names;
}

}  // namespace spate::sim
