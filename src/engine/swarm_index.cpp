#include "engine/swarm_index.h"

#include <algorithm>

namespace spate::engine {

std::optional<TorrentId> SwarmIndex::find(const hash::Sha1& swarm) const {
    const auto found = by_swarm_.find(swarm);
    return found == by_swarm_.end() ? std::nullopt : std::optional(found->second);
}

bool SwarmIndex::add(TorrentId id, const metainfo::InfoHash& hash) {
    const auto swarms = swarms_of(hash);
    for (const hash::Sha1& swarm : swarms)
        if (by_swarm_.contains(swarm)) return false;
    for (const hash::Sha1& swarm : swarms) by_swarm_[swarm] = id;
    return true;
}

void SwarmIndex::remove(TorrentId id) {
    std::erase_if(by_swarm_, [&](const auto& one) { return one.second == id; });
}

bool SwarmIndex::learn(TorrentId id, const metainfo::InfoHash& known, const metainfo::InfoHash& whole) {
    const auto swarms = swarms_of(whole);
    const auto anothers = [&](const hash::Sha1& swarm) { return find(swarm).value_or(id) != id; };
    bool free = std::ranges::none_of(swarms, anothers);
    if (!seat_.alone()) {
        SwarmClaims& claims = seat_.ledgers.swarms;
        const auto before = claimed_.find(id);
        const metainfo::InfoHash claimed = before == claimed_.end() ? known : before->second;
        if (free)
            free = claims.learn(claimed, whole, seat_.number);
        else
            claims.release(claimed);
        claimed_[id] = free ? whole : metainfo::InfoHash{};
    }
    if (!free)
        remove(id);
    else
        for (const hash::Sha1& swarm : swarms) by_swarm_[swarm] = id;
    return free;
}

void SwarmIndex::release(TorrentId id, const metainfo::InfoHash& known) {
    if (seat_.alone()) return;
    const auto claimed = claimed_.extract(id);
    seat_.ledgers.swarms.release(claimed ? claimed.mapped() : known);
}

}  // namespace spate::engine
