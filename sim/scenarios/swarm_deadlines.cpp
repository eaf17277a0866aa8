// Somebody looks at pieces here and there while the torrent comes, and needs them by a time: as long as one
// of them is asked of nobody, a peer that has it is asked for nothing else; through dying peers and cut ways.
#include <algorithm>
#include <map>
#include <set>

#include "sim/fault_plan.h"
#include "sim/scenarios/swarm_torrents.h"
#include "sim/scenarios/table.h"

namespace spate::sim {
namespace {

// Requests of one turn leave one after the other, to peers whose ways may be full.
constexpr Duration grace = std::chrono::milliseconds(200);

class DeadlineWatch final : public RequestWatcher {
  public:
    DeadlineWatch(Simulation& simulation, std::set<std::uint32_t> wanted)
        : simulation_(simulation), wanted_(std::move(wanted)) {}

    // Those that have not come: from now on they are to be asked for first.
    const std::set<std::uint32_t>& begin() {
        is_on_ = true;
        passed_over_.clear();
        return wanted_;
    }
    // The program that was told of them is gone.
    void end() { is_on_ = false; }
    bool is_on() const { return is_on_; }
    bool all_came() const { return wanted_.empty(); }
    // Of other pieces, while deadlines stood.
    std::uint64_t others() const { return others_; }

    void on_asked(std::uint32_t piece, bool choked, const std::function<bool(std::uint32_t)>& has) override {
        ++asked_[piece];
        passed_over_.erase(piece);
        if (!is_on_ || choked || wanted_.contains(piece)) return;
        const TimePoint now = simulation_.now();
        for (const auto wanted : wanted_) {
            if (asked_.contains(wanted) || !has(wanted)) continue;
            const auto since = passed_over_.try_emplace(wanted, now).first->second;
            if (now - since > grace)
                simulation_.fail("piece " + std::to_string(piece) + " was asked for before piece " +
                                 std::to_string(wanted) + ", which is needed by a time and asked of nobody");
        }
    }
    void on_over(std::uint32_t piece, bool came) override {
        if (const auto it = asked_.find(piece); it != asked_.end() && --it->second == 0) asked_.erase(it);
        passed_over_.erase(piece);
        if (!came) return;
        if (is_on_ && !wanted_.empty() && !wanted_.contains(piece)) ++others_;
        wanted_.erase(piece);
    }

  private:
    Simulation& simulation_;
    std::set<std::uint32_t> wanted_;
    bool is_on_ = false;
    std::map<std::uint32_t, int> asked_;              // requests that wait, by piece
    std::map<std::uint32_t, TimePoint> passed_over_;  // since when another was asked for instead
    std::uint64_t others_ = 0;
};

}  // namespace

void run_swarm_deadlines(Testbed& testbed) {
    auto& simulation = testbed.simulation();
    auto& rng = simulation.rng();
    draw_ways(testbed);
    TorrentSwarmSettings settings;
    settings.seeds = 2 + static_cast<int>(rng.below(3));
    settings.leechers = 1;
    settings.sizes = {1'500'000 + rng.below(1'500'000)};
    settings.piece_length = 16384;  // a block a piece
    settings.hosts_fail = true;
    settings.grace = std::chrono::seconds(90);
    settings.change = [](std::size_t, MemberSettings& member) {
        member.session.limits.up = 60'000;
        member.torrent.sequential = false;
        member.torrent.super_seed = engine::SuperSeed::off;
    };
    TorrentSwarm swarm(testbed, settings);
    auto& watcher = swarm.members().back();
    std::set<std::uint32_t> wanted;
    const auto pieces = static_cast<std::uint32_t>(swarm.torrent().pieces());
    for (auto count = 4 + rng.below(16); count > 0; --count)
        wanted.insert(static_cast<std::uint32_t>(rng.below(pieces)));
    DeadlineWatch watch(simulation, wanted);
    watcher.truth->requests = &watch;
    FaultLimits limits;
    limits.until = std::chrono::seconds(20 + rng.below(40));
    limits.count_max = 12;
    limits.groups = {FaultGroup::network, FaultGroup::process};
    for (const auto& member : swarm.members()) limits.hosts.push_back(member.host);
    FaultPlan::draw(testbed, limits).apply(testbed);
    const auto set_at = simulation.now() + std::chrono::seconds(rng.below(8));
    std::weak_ptr<MemberProgram> told;
    bool any_told = false;
    simulation.check_every(std::chrono::milliseconds(50), [&]() -> std::optional<std::string> {
        const auto program = watcher.board->program.lock();
        if (!program || program != told.lock()) watch.end();
        const auto& status = watcher.board->status;
        const bool is_downloading = status &&
                                    watcher.board->looked_at + std::chrono::seconds(1) > simulation.now() &&
                                    status->state == engine::TorrentState::downloading;
        if (!program || watch.is_on() || !is_downloading || simulation.now() < set_at) return std::nullopt;
        for (const auto piece : watch.begin())
            program->set_deadline(piece,
                                  simulation.now() + std::chrono::milliseconds(500 + rng.below(20'000)));
        told = program;
        simulation.mark(any_told ? "deadlines: set again after a restart" : "deadlines: set");
        any_told = true;
        return std::nullopt;
    });
    simulation.run_for(limits.until + std::chrono::seconds(1));
    swarm.finish(std::chrono::minutes(60));
    if (watch.all_came()) simulation.mark("deadlines: all came");
    simulation.record("deadlines", "pieces, others that came meanwhile, of",
                      {wanted.size(), watch.others(), pieces});
    watcher.truth->requests = nullptr;
}

}  // namespace spate::sim
