#include "tracker/entry_checker.h"

#include <utility>

namespace spate::tracker {

EntryChecker::EntryChecker(io::World world) : world_(world), rng_(world.random.next_u64()) {}
EntryChecker::~EntryChecker() = default;

void EntryChecker::check(const metainfo::Metainfo& torrent, const Endpoint& sharer, OnFinding on_finding) {
    auto plan = plan_probe(torrent, rng_);
    if (!plan) return tell_later(std::move(on_finding), "its pieces are too large to be asked for");
    const auto source = sharer.address.source();
    const auto share = by_source_.find(source);
    const auto of_source = share == by_source_.end() ? 0 : share->second.waiting;
    if (waiting_.size() >= waiting_max || of_source >= waiting_per_source_max) {
        return tell_later(std::move(on_finding), "too many checks are waiting");
    }
    const auto id = next_id_++;
    ++by_source_[source].waiting;
    waiting_.push_back(id);
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
    // In order of arrival, but nobody waits for a source that has its share running already.
    for (auto it = waiting_.begin(); it != waiting_.end() && running_ < running_max;) {
        auto& check = checks_.at(*it);
        if (by_source_.at(check.sharer.address.source()).running >= running_per_source_max) {
            ++it;
            continue;
        }
        const auto id = *it;
        it = waiting_.erase(it);
        start(id, check);
    }
}

void EntryChecker::start(std::uint64_t id, Check& check) {
    auto& share = by_source_.at(check.sharer.address.source());
    --share.waiting;
    ++share.running;
    ++running_;
    check.probe = std::make_unique<BlockProbe>(world_, check.sharer, std::move(check.plan),
                                               wire::make_peer_id(rng_), [this, id](Finding finding) {
                                                   auto tell = std::move(checks_.at(id).on_finding);
                                                   finished(id);  // destroys the probe
                                                   tell(std::move(finding));
                                               });
}

void EntryChecker::finished(std::uint64_t id) {
    const auto check = checks_.find(id);
    const auto share = by_source_.find(check->second.sharer.address.source());
    --running_;
    --share->second.running;
    if (share->second.running + share->second.waiting == 0) by_source_.erase(share);
    checks_.erase(check);
    start_next();
}

}  // namespace spate::tracker
