#include "sim/host.h"

#include <array>
#include <chrono>

namespace spate::sim {

namespace {
// Small ones as often as large ones.
std::size_t draw_size(Rng& rng, std::size_t low, unsigned doublings) {
    return low + rng.below(low << rng.below(doublings));
}
}  // namespace

HostSettings draw_host_settings(Rng& rng) {
    static constexpr std::array<PerMillion, 3> short_io{0, 200'000, 700'000};
    HostSettings settings;
    settings.node.send_buffer = draw_size(rng, 1024, 9);
    settings.node.receive_buffer = draw_size(rng, 1024, 9);
    settings.node.segment_max = draw_size(rng, 200, 7);
    settings.node.short_io = short_io[rng.below(short_io.size())];
    settings.node.backlog_max = draw_size(rng, 16, 4);
    settings.pool.threads = 1 + rng.below(4);
    settings.disk = {.marks = !rng.chance(1, 4), .sync_all = !rng.chance(1, 4)};
    return settings;
}

Host::Host(NetworkModel& network, std::string name, HostSettings settings)
    : network_(network),
      name_(std::move(name)),
      settings_(std::move(settings)),
      id_(network.add_node(name_, settings_.node)),
      disk_(network.simulation(), name_, [this] { return wall_now(); }, settings_.disk) {}

Process& Host::run(const std::string& name, Program program) {
    processes_.push_back(std::make_unique<Process>(*this, name_ + "/" + name, std::move(program)));
    auto& process = *processes_.back();
    process.start();
    return process;
}

void Host::power_cut() {
    if (!up()) return;
    simulation().record(name_, "power cut", {});
    simulation().mark("power cut");
    network_.power_off(id_);
    for (const auto& process : processes_) process->end_in_power_cut();
    disk_.crash();
}

void Host::power_on() {
    if (up()) return;
    simulation().record(name_, "power on", {});
    network_.power_on(id_);
    start_wanted();
}

void Host::start_wanted() {
    for (const auto& process : processes_) {
        if (up() && process->wanted() && !process->running()) process->start();
    }
}

WallTime Host::wall_now() {
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(simulation().now().time_since_epoch());
    return {wall_offset_ + seconds.count()};
}

}  // namespace spate::sim
