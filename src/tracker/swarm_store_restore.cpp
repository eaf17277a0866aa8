// SwarmStore: what comes back after a restart.
#include <algorithm>
#include <vector>

#include "tracker/swarm_records.h"
#include "tracker/swarm_store.h"

namespace spate::tracker {

void SwarmStore::restore(const KeptSwarm& kept, Duration since_saved, TimePoint now) {
    const auto tick = tick_at(now);
    auto* swarm = table_.find(kept.hash);
    if (swarm == nullptr) {
        if (table_.size() >= limits_.swarms) return;
        swarm = &table_.make(kept.hash);
        swarm->oldest = tick;
    }
    swarm->downloaded = std::max(swarm->downloaded, kept.downloaded);
    const auto life = steps_of(limits_.peer_life);
    const auto passed = since_saved / std::chrono::seconds(Tick::seconds);
    for (const auto& peer : kept.peers) {
        const auto age = passed + peer.age;
        if (age > life || !may_be_kept(peer.endpoint, limits_.global_addresses_only)) continue;
        const auto heard = tick.before(static_cast<std::uint16_t>(age));
        peer.endpoint.address.is_v4() ? restore_peer<PeerV4>(*swarm, peer, heard)
                                      : restore_peer<PeerV6>(*swarm, peer, heard);
        if (tick.since(swarm->oldest) < age) swarm->oldest = heard;
    }
    forget_if_empty(*swarm);
}

// Not counted by source: it was let in once.
template <class Record>
void SwarmStore::restore_peer(Swarm& swarm, const KeptPeer& peer, Tick heard) {
    auto& list = list_of<Record>(swarm);
    if (totals_.peers_v4 + totals_.peers_v6 >= limits_.peers) return;
    if (swarm.records() >= limits_.peers_per_swarm || list.find(key_, peer.endpoint)) return;
    Record record;
    record.set_endpoint(peer.endpoint);
    record.client = peer.client;
    record.set(peer.kind, peer.second, heard);
    list.insert(key_, record);
    ++(std::is_same_v<Record, PeerV4> ? totals_.peers_v4 : totals_.peers_v6);
    if (!peer.second) ++counter(swarm, peer.kind);
}

void SwarmStore::settle() {
    for (std::size_t number = 0; number < shard_count; ++number) {
        for (auto& swarm : table_.shard(number)) {
            settle_seconds<PeerV4>(swarm);
            settle_seconds<PeerV6>(swarm);
        }
    }
}

// A client's second record whose first one did not come along counts from now on.
template <class Record>
void SwarmStore::settle_seconds(Swarm& swarm) {
    auto& list = list_of<Record>(swarm);
    if (list.seconds() == 0) return;
    std::vector<std::uint32_t> counted;
    for (const auto& record : list_of<Other<Record>>(swarm).records())
        if (!record.second()) counted.push_back(record.client);
    std::ranges::sort(counted);
    for (std::uint32_t at = 0; at < list.size(); ++at) {
        const auto record = list.records()[at];
        if (!record.second() || std::ranges::binary_search(counted, record.client)) continue;
        list.set(key_, at, record.kind(), false, record.heard());
        ++counter(swarm, record.kind());
    }
}

}  // namespace spate::tracker
