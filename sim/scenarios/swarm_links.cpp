// Far and slow: one peer at 100 or 300 ms round trip and 1 Gbit/s must be given nearly all of the link;
// behind 512 kbit/s torrents and peers get on, none much slower than another.
#include <algorithm>
#include <map>

#include "sim/scenarios/swarm_torrents.h"
#include "sim/scenarios/table.h"

namespace spate::sim {
namespace {

// Windows and buffers as large as it takes: the link is to be the limit, and what is asked at once.
HostSettings wide_machine() {
    HostSettings machine;
    machine.node.send_buffer = machine.node.receive_buffer = 64 << 20;
    machine.node.segment_max = 256 << 10;
    machine.node.short_io = 0;
    return machine;
}

// Bytes a second of payload between 40 and 95 % of it: what is asked for at once had its time to grow.
class SteadyRate {
  public:
    explicit SteadyRate(std::uint64_t size) : size_(size) {}
    void look(TimePoint now, std::uint64_t there) {
        if (there < size_ / 100 * 40 || there > size_ / 100 * 95) return;
        if (first_at_ == TimePoint{}) {
            first_at_ = now;
            first_ = there;
        }
        last_at_ = now;
        last_ = there;
    }
    std::uint64_t rate() const {
        const auto microseconds =
            std::chrono::duration_cast<std::chrono::microseconds>(last_at_ - first_at_).count();
        return microseconds <= 0 ? 0
                                 : (last_ - first_) * 1'000'000 / static_cast<std::uint64_t>(microseconds);
    }

  private:
    std::uint64_t size_;
    TimePoint first_at_{};
    TimePoint last_at_{};
    std::uint64_t first_ = 0;
    std::uint64_t last_ = 0;
};

constexpr std::uint64_t slow_rate = 64'000;  // 512 kbit/s

}  // namespace

void run_swarm_far_link(Testbed& testbed) {
    auto& simulation = testbed.simulation();
    const bool farther = simulation.rng().chance(1, 2);
    const Duration round_trip = std::chrono::milliseconds(farther ? 300 : 100);
    constexpr std::uint64_t link_rate = 125'000'000;
    auto& link = testbed.network().default_link();
    link.delay_min = link.delay_max = round_trip / 2;
    link.bytes_per_second = link_rate;
    TorrentSwarmSettings settings;
    settings.leechers = 1;
    settings.only_v1 = true;
    const std::uint64_t size = testbed.size().bytes != 0 ? testbed.size().bytes
                               : farther                 ? 400'000'000
                                                         : 200'000'000;
    settings.sizes = {size};
    settings.piece_length = 1 << 20;
    settings.machine = [](std::size_t) { return wide_machine(); };
    settings.change = [](std::size_t, MemberSettings& member) {
        member.session.limits.up = 0;
        member.session.write_budget = engine::SessionOptions{}.write_budget;
        member.look_pause = std::chrono::milliseconds(20);
    };
    TorrentSwarm swarm(testbed, settings);
    SteadyRate steady(size);
    const auto& leecher = swarm.members().back();
    for (int look = 0; look < 3000 && !leecher.board->finished && !simulation.failure(); ++look) {
        simulation.run_for(std::chrono::milliseconds(20));
        if (leecher.board->status) steady.look(leecher.board->looked_at, leecher.board->status->downloaded);
    }
    swarm.finish(std::chrono::minutes(1));
    if (simulation.failure()) return;
    const std::uint64_t percent = steady.rate() * 100 / link_rate;
    simulation.record("link", "percent reached", {percent});
    if (percent < 90)
        simulation.fail("got " + std::to_string(percent) + " % of a link of " +
                        std::to_string(round_trip / std::chrono::milliseconds(1)) + " ms");
}

// A seed and leechers behind 512 kbit/s each: about as fast as such links can be, and none left behind.
void run_swarm_slow_links(Testbed& testbed) {
    auto& simulation = testbed.simulation();
    auto& rng = simulation.rng();
    auto& link = testbed.network().default_link();
    link.delay_min = std::chrono::milliseconds(20);
    link.delay_max = std::chrono::milliseconds(60);
    TorrentSwarmSettings settings;
    settings.leechers = 2 + rng.below(4);
    settings.sizes = {600'000 + rng.below(400'000)};
    settings.piece_length = 16384;
    settings.machine = [](std::size_t) {
        HostSettings machine;
        machine.node.up_bytes_per_second = machine.node.down_bytes_per_second = slow_rate;
        machine.node.receive_buffer = 16384;  // what waits in a slow way's queue
        return machine;
    };
    settings.change = [](std::size_t, MemberSettings& member) { member.session.limits.up = 0; };
    TorrentSwarm swarm(testbed, settings);
    std::map<std::size_t, Duration> done;  // by member
    const auto began = simulation.now();
    const auto look = [&] {
        for (std::size_t i = 1; i < swarm.members().size(); ++i)
            if (swarm.members()[i].board->finished) done.emplace(i, simulation.now() - began);
        return swarm.all_done();
    };
    if (!simulation.run_until(look, std::chrono::minutes(30)) && !simulation.failure())
        return simulation.fail("not finished in the end:" + swarm.late());
    if (simulation.failure()) return;
    Duration first = Duration::max();
    Duration last{};
    for (const auto& [member, time] : done) {
        first = std::min(first, time);
        last = std::max(last, time);
    }
    const auto at_best = Duration(static_cast<std::int64_t>(swarm.size() * 1'000'000'000 / slow_rate));
    const auto milliseconds = [](Duration time) {
        return static_cast<std::uint64_t>(time / std::chrono::milliseconds(1));
    };
    simulation.record("slow links", "first, last, at best",
                      {milliseconds(first), milliseconds(last), milliseconds(at_best)});
    if (last > at_best * 2 + std::chrono::seconds(10))
        return simulation.fail("the last one took " + std::to_string(milliseconds(last)) + " ms, " +
                               std::to_string(milliseconds(at_best)) + " were possible");
    if (last > first * 2) simulation.fail("the last one took more than twice as long as the first");
}

}  // namespace spate::sim
