// SwarmTable: swarms by info-hash: 256 shards of open addressing over a keyed hash, which grow a quarter at a
// time, each by itself, so that ten million swarms never stop the loop to be moved. Pointers to swarms are
// good until the next make() or erase(). Owner: SwarmStore.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "hash/digest.h"
#include "hash/keyed_hash.h"
#include "tracker/peer_list.h"

namespace spate::tracker {

struct Swarm {
    hash::Sha1 hash{};
    std::uint32_t downloaded = 0;  // over all time
    PeerList<PeerV4> v4;
    PeerList<PeerV6> v6;
    std::uint32_t seeds = 0;  // clients: an IPv4 and an IPv6 record of one client count once
    std::uint32_t partial_seeds = 0;
    std::uint32_t leechers = 0;
    Tick oldest;            // no record was heard of before
    bool occupied = false;  // a place of the table without a swarm has false

    std::uint32_t records() const { return v4.size() + v6.size(); }
};
static_assert(sizeof(Swarm) == 56);

class SwarmTable {
  public:
    explicit SwarmTable(const hash::SipKey& key) : key_(key) {}

    Swarm* find(const hash::Sha1& hash);
    const Swarm* find(const hash::Sha1& hash) const { return const_cast<SwarmTable*>(this)->find(hash); }
    // It is not there yet.
    Swarm& make(const hash::Sha1& hash);
    void erase(Swarm& swarm);
    std::size_t size() const { return size_; }
    std::size_t capacity() const { return capacity_; }
    // A part of the places, the empty ones too: a swarm is always in the same.
    static constexpr std::size_t shard_count = 256;
    std::span<Swarm> shard(std::size_t number) { return shards_[number].places; }
    std::span<const Swarm> shard(std::size_t number) const { return shards_[number].places; }

    // Goes over all places, a few at a time, round and round; null for an empty one. After an erase() of the
    // swarm returned, look_again() makes the next call look at the same place, as another swarm may have come
    // there.
    Swarm* next();
    void look_again();

  private:
    struct Shard {
        std::vector<Swarm> places;
        std::uint32_t used = 0;
    };

    std::uint64_t hash_of(const hash::Sha1& hash) const { return hash::siphash(key_, hash); }
    static std::size_t home(std::uint64_t hash, std::size_t places);
    void move_to(Shard& shard, std::size_t places);
    static Swarm& free_place(std::vector<Swarm>& places, std::uint64_t hash);

    hash::SipKey key_;
    std::array<Shard, shard_count> shards_;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
    std::size_t hand_shard_ = 0;
    std::size_t hand_place_ = 0;
};

}  // namespace spate::tracker
