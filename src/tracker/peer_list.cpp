#include "tracker/peer_list.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#include "base/assert.h"

namespace spate::tracker {

template <class Record>
PeerList<Record>::~PeerList() {
    std::free(block_);
}

template <class Record>
std::uint32_t PeerList<Record>::index_size(std::uint32_t capacity) {
    return capacity <= looked_through_max ? 0 : std::bit_ceil(capacity + capacity / 2);
}

template <class Record>
std::size_t PeerList<Record>::block_bytes(std::uint32_t capacity) {
    return sizeof(Block) + capacity * sizeof(Record) + index_size(capacity) * sizeof(std::uint32_t);
}

template <class Record>
std::size_t PeerList<Record>::memory() const {
    return block_ == nullptr ? 0 : block_bytes(block_->capacity) + 8;  // and the allocator's word
}

template <class Record>
void PeerList<Record>::grow(const hash::SipKey& key, std::uint32_t capacity) {
    const auto old_size = size();
    const auto bytes = block_bytes(capacity);
    auto* grown = static_cast<Block*>(std::malloc(bytes));
    if (grown == nullptr) throw std::bad_alloc();
    *grown = block_ == nullptr ? Block{} : *block_;
    grown->capacity = capacity;
    if (old_size > 0) std::memcpy(grown + 1, block_ + 1, old_size * sizeof(Record));
    std::free(block_);
    block_ = grown;
    std::fill_n(index(), index_size(capacity), nobody);
    for (std::uint32_t at = 0; at < old_size; ++at) index_insert(key, at);
}

template <class Record>
std::uint32_t PeerList<Record>::home(const hash::SipKey& key, const Record& record) const {
    const Bytes endpoint(record.address.data(), sizeof record.address + sizeof record.port);
    return static_cast<std::uint32_t>(hash::siphash(key, endpoint)) & (index_size(block_->capacity) - 1);
}

// Where the index names the record at `at`.
template <class Record>
std::uint32_t* PeerList<Record>::place_of(const hash::SipKey& key, std::uint32_t at) const {
    const auto mask = index_size(block_->capacity) - 1;
    auto place = home(key, first()[at]);
    while (index()[place] != at) place = (place + 1) & mask;
    return index() + place;
}

template <class Record>
void PeerList<Record>::index_insert(const hash::SipKey& key, std::uint32_t at) {
    if (index_size(block_->capacity) == 0) return;
    const auto mask = index_size(block_->capacity) - 1;
    auto place = home(key, first()[at]);
    while (index()[place] != nobody) place = (place + 1) & mask;
    index()[place] = at;
}

template <class Record>
void PeerList<Record>::index_remove(const hash::SipKey& key, std::uint32_t at) {
    if (index_size(block_->capacity) == 0) return;
    const auto mask = index_size(block_->capacity) - 1;
    auto hole = static_cast<std::uint32_t>(place_of(key, at) - index());
    // What lies behind the hole and could not be found across it moves into it.
    for (auto next = (hole + 1) & mask; index()[next] != nobody; next = (next + 1) & mask) {
        const auto wanted = home(key, first()[index()[next]]);
        if (((next - wanted) & mask) < ((next - hole) & mask)) continue;
        index()[hole] = index()[next];
        hole = next;
    }
    index()[hole] = nobody;
}

template <class Record>
void PeerList<Record>::exchange(const hash::SipKey& key, std::uint32_t a, std::uint32_t b) {
    if (a == b) return;
    if (index_size(block_->capacity) > 0) {
        auto* place_a = place_of(key, a);
        auto* place_b = place_of(key, b);
        std::swap(*place_a, *place_b);
    }
    std::swap(first()[a], first()[b]);
}

template <class Record>
std::optional<std::uint32_t> PeerList<Record>::find(const hash::SipKey& key, const Endpoint& endpoint) const {
    if (block_ == nullptr) return std::nullopt;
    const auto indexed = index_size(block_->capacity);
    if (indexed == 0) {
        for (std::uint32_t at = 0; at < block_->size; ++at)
            if (first()[at].is_at(endpoint)) return at;
        return std::nullopt;
    }
    Record wanted;
    wanted.set_endpoint(endpoint);
    for (auto place = home(key, wanted); index()[place] != nobody; place = (place + 1) & (indexed - 1))
        if (first()[index()[place]].is_at(endpoint)) return index()[place];
    return std::nullopt;
}

template <class Record>
void PeerList<Record>::insert(const hash::SipKey& key, const Record& record) {
    // The first block of 48 bytes holds two records of IPv4 or one of IPv6.
    if (block_ == nullptr) grow(key, sizeof(Record) == sizeof(PeerV4) ? 2 : 1);
    if (block_->size == block_->capacity) grow(key, block_->capacity + std::max(2U, block_->capacity / 2));
    const auto at = block_->size++;
    first()[at] = record;
    index_insert(key, at);
    if (record.second()) ++block_->seconds;
    if (record.kind() == PeerKind::leecher) exchange(key, at, block_->leechers++);
}

template <class Record>
void PeerList<Record>::remove(const hash::SipKey& key, std::uint32_t at) {
    SPATE_ASSERT(at < size());
    if (first()[at].second()) --block_->seconds;
    if (at < block_->leechers) {
        exchange(key, at, --block_->leechers);
        at = block_->leechers;
    }
    exchange(key, at, block_->size - 1);
    index_remove(key, block_->size - 1);
    --block_->size;
    if (block_->size == 0) {
        std::free(std::exchange(block_, nullptr));
    } else if (block_->size < block_->capacity / 4) {
        grow(key, std::max(2U, block_->capacity / 2));
    }
}

template <class Record>
std::uint32_t PeerList<Record>::set(const hash::SipKey& key, std::uint32_t at, PeerKind kind, bool second,
                                    Tick heard) {
    auto& record = first()[at];
    if (record.second()) --block_->seconds;
    if (second) ++block_->seconds;
    record.set(kind, second, heard);
    const bool was_leecher = at < block_->leechers;
    if (was_leecher == (kind == PeerKind::leecher)) return at;
    const auto there = was_leecher ? --block_->leechers : block_->leechers++;
    exchange(key, at, there);
    return there;
}

template class PeerList<PeerV4>;
template class PeerList<PeerV6>;

}  // namespace spate::tracker
