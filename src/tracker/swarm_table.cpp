#include "tracker/swarm_table.h"

#include <utility>

#include "base/assert.h"

namespace spate::tracker {

// The lower half of the hash, scaled to the number of places: any number of them will do.
std::size_t SwarmTable::home(std::uint64_t hash, std::size_t places) {
    return static_cast<std::size_t>(((hash & 0xffffffffU) * places) >> 32);
}

Swarm* SwarmTable::find(const hash::Sha1& hash) {
    const auto keyed = hash_of(hash);
    auto& places = shards_[keyed >> 56].places;
    if (places.empty()) return nullptr;
    for (auto at = home(keyed, places.size()); places[at].occupied; at = at + 1 == places.size() ? 0 : at + 1)
        if (places[at].hash == hash) return &places[at];
    return nullptr;
}

Swarm& SwarmTable::free_place(std::vector<Swarm>& places, std::uint64_t hash) {
    auto at = home(hash, places.size());
    while (places[at].occupied) at = at + 1 == places.size() ? 0 : at + 1;
    return places[at];
}

void SwarmTable::move_to(Shard& shard, std::size_t places) {
    std::vector<Swarm> moved(places);
    for (auto& swarm : shard.places)
        if (swarm.occupied) free_place(moved, hash_of(swarm.hash)) = std::move(swarm);
    capacity_ += places - shard.places.size();
    shard.places = std::move(moved);
}

Swarm& SwarmTable::make(const hash::Sha1& hash) {
    const auto keyed = hash_of(hash);
    auto& shard = shards_[keyed >> 56];
    const auto places = shard.places.size();
    if ((shard.used + 1) * 20 > places * 17) move_to(shard, places + std::max<std::size_t>(4, places / 4));
    auto& place = free_place(shard.places, keyed);
    place = Swarm{};
    place.hash = hash;
    place.occupied = true;
    ++shard.used;
    ++size_;
    return place;
}

void SwarmTable::erase(Swarm& swarm) {
    auto& shard = shards_[hash_of(swarm.hash) >> 56];
    auto& places = shard.places;
    const auto count = places.size();
    auto hole = static_cast<std::size_t>(&swarm - places.data());
    SPATE_ASSERT(hole < count && swarm.occupied);
    places[hole] = Swarm{};
    const auto distance = [count](std::size_t from, std::size_t to) { return (to + count - from) % count; };
    // What lies behind the hole and could not be found across it moves into it.
    for (auto next = (hole + 1) % count; places[next].occupied; next = (next + 1) % count) {
        if (distance(home(hash_of(places[next].hash), count), next) < distance(hole, next)) continue;
        places[hole] = std::exchange(places[next], Swarm{});
        hole = next;
    }
    --shard.used;
    --size_;
    if (count > 64 && shard.used * 4U < count) move_to(shard, count / 2);
}

Swarm* SwarmTable::next() {
    for (std::size_t shards = 0; hand_place_ >= shards_[hand_shard_].places.size(); ++shards) {
        if (shards == shard_count) return nullptr;
        hand_place_ = 0;
        hand_shard_ = (hand_shard_ + 1) % shard_count;
    }
    auto& place = shards_[hand_shard_].places[hand_place_++];
    return place.occupied ? &place : nullptr;
}

void SwarmTable::look_again() {
    if (hand_place_ > 0) --hand_place_;
}

}  // namespace spate::tracker
