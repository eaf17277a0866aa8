// PeerList: the peers of one swarm and one family, in one block of memory: leechers first, then seeds and
// partial seeds, so that a seed is given leechers without a search. Long lists carry an index by keyed hash
// of the endpoint; short ones are looked through. An empty list is one null pointer. At most peers_per_swarm
// records. Owner: a Swarm.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "base/endpoint.h"
#include "hash/keyed_hash.h"
#include "tracker/peer_record.h"

namespace spate::tracker {

template <class Record>
class PeerList {
  public:
    PeerList() = default;
    ~PeerList();
    PeerList(PeerList&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
    PeerList& operator=(PeerList&& other) noexcept {
        std::swap(block_, other.block_);
        return *this;
    }

    std::uint32_t size() const { return block_ == nullptr ? 0 : block_->size; }
    std::uint32_t leechers() const { return block_ == nullptr ? 0 : block_->leechers; }
    std::uint32_t seconds() const { return block_ == nullptr ? 0 : block_->seconds; }
    std::span<const Record> records() const {
        if (block_ == nullptr) return {};
        return {first(), block_->size};
    }
    std::size_t memory() const;

    std::optional<std::uint32_t> find(const hash::SipKey& key, const Endpoint& endpoint) const;
    // It is not there yet. Positions change with every call that changes the list.
    void insert(const hash::SipKey& key, const Record& record);
    void remove(const hash::SipKey& key, std::uint32_t at);
    // New state of the record at `at`; where it is now.
    std::uint32_t set(const hash::SipKey& key, std::uint32_t at, PeerKind kind, bool second, Tick heard);

  private:
    struct Block {
        std::uint32_t size;
        std::uint32_t capacity;
        std::uint32_t leechers;
        std::uint32_t seconds;  // how many are second()
    };
    static constexpr std::uint32_t looked_through_max = 32;
    static constexpr std::uint32_t nobody = UINT32_MAX;

    Record* first() const { return reinterpret_cast<Record*>(block_ + 1); }
    std::uint32_t* index() const { return reinterpret_cast<std::uint32_t*>(first() + block_->capacity); }
    static std::uint32_t index_size(std::uint32_t capacity);
    static std::size_t block_bytes(std::uint32_t capacity);
    void grow(const hash::SipKey& key, std::uint32_t capacity);
    std::uint32_t home(const hash::SipKey& key, const Record& record) const;
    std::uint32_t* place_of(const hash::SipKey& key, std::uint32_t at) const;
    void index_insert(const hash::SipKey& key, std::uint32_t at);
    void index_remove(const hash::SipKey& key, std::uint32_t at);
    void exchange(const hash::SipKey& key, std::uint32_t a, std::uint32_t b);

    Block* block_ = nullptr;
};

extern template class PeerList<PeerV4>;
extern template class PeerList<PeerV6>;

}  // namespace spate::tracker
