#include "engine/swarm_claims.h"

#include "base/assert.h"

namespace spate::engine {

std::vector<hash::Sha1> swarms_of(const metainfo::InfoHash& hash) {
    std::vector<hash::Sha1> swarms;
    if (hash.v1) swarms.push_back(*hash.v1);
    if (hash.v2) swarms.push_back(metainfo::truncated(*hash.v2));
    return swarms;
}

std::optional<unsigned> SwarmClaims::claim(const metainfo::InfoHash& hash, unsigned preferred) {
    const std::lock_guard lock(mutex_);
    std::optional<unsigned> owner;
    for (const auto& swarm : swarms_of(hash)) {
        const auto there = claims_.find(swarm);
        if (there == claims_.end()) continue;
        if (owner && *owner != there->second.session) return std::nullopt;
        owner = there->second.session;
    }
    if (!owner) owner = preferred;
    add(hash, *owner);
    return owner;
}

bool SwarmClaims::learn(const metainfo::InfoHash& known, const metainfo::InfoHash& whole, unsigned session) {
    const std::lock_guard lock(mutex_);
    bool free = true;
    for (const auto& swarm : swarms_of(whole)) {
        const auto there = claims_.find(swarm);
        free = free && (there == claims_.end() || there->second.session == session);
    }
    if (free) add(whole, session);
    remove(known);
    return free;
}

void SwarmClaims::release(const metainfo::InfoHash& hash) {
    const std::lock_guard lock(mutex_);
    remove(hash);
}

void SwarmClaims::add(const metainfo::InfoHash& hash, unsigned session) {
    for (const auto& swarm : swarms_of(hash))
        ++claims_.try_emplace(swarm, Claim{session, 0}).first->second.times;
}

void SwarmClaims::remove(const metainfo::InfoHash& hash) {
    for (const auto& swarm : swarms_of(hash)) {
        const auto there = claims_.find(swarm);
        SPATE_ASSERT(there != claims_.end());
        if (--there->second.times == 0) claims_.erase(there);
    }
}

}  // namespace spate::engine
