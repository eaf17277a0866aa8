#include "tracker/entry_checker.h"

#include <utility>

namespace spate::tracker {

namespace {
constexpr const char* too_many = "too many checks are waiting";
}

EntryChecker::EntryChecker(io::World world) : world_(world), rng_(world.random.next_u64()) {}
EntryChecker::~EntryChecker() = default;

void EntryChecker::check(const metainfo::Metainfo& torrent, const Endpoint& sharer, OnFinding on_finding) {
    auto plan = plan_probe(torrent, rng_);
    if (!plan) return tell_later(std::move(on_finding), "its pieces are too large to be asked for");
    const auto id = next_id_++;
    const auto verdict = turns_.add(id, sharer.address);
    if (verdict.dropped) {
        tell_later(std::move(checks_.at(*verdict.dropped).on_finding), too_many);
        checks_.erase(*verdict.dropped);
    }
    if (!verdict.waits) return tell_later(std::move(on_finding), too_many);
    checks_.emplace(id, Check{sharer, std::move(*plan), std::move(on_finding), nullptr});
    start_next();
}

void EntryChecker::tell_later(OnFinding on_finding, std::string reason) {
    world_.reactor.post(
        [done = std::move(on_finding), reason = std::move(reason), alive = std::weak_ptr(alive_)]() mutable {
            if (!alive.expired()) done({Finding::Kind::unverified, std::move(reason)});
        });
}

void EntryChecker::start_next() {
    while (const auto id = turns_.next()) start(*id, checks_.at(*id));
}

void EntryChecker::start(CheckTurns::Id id, Check& check) {
    check.probe = std::make_unique<BlockProbe>(world_, check.sharer, std::move(check.plan),
                                               wire::make_peer_id(rng_), [this, id](Finding finding) {
                                                   auto tell = std::move(checks_.at(id).on_finding);
                                                   finished(id);  // destroys the probe
                                                   tell(std::move(finding));
                                               });
}

void EntryChecker::finished(CheckTurns::Id id) {
    turns_.over(id);
    checks_.erase(id);
    start_next();
}

}  // namespace spate::tracker
