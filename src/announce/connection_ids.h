// ConnectionIds: BEP 15's proof that the asker receives at the address it claims, without state: 8 bits of
// epoch and 56 bits of SipHash over epoch and address under a secret key (trackers.md 3.2 rows 3 to 6, 3.3).
// An id is good for its own epoch and the next, 2 to 4 minutes, at its own address (any port); never ahead of
// time, never after a restart. Owner: a tracker; give every one its own key from io::SecureRandom. Pure; any
// thread, as it never changes.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/endpoint.h"
#include "base/time.h"
#include "hash/keyed_hash.h"

namespace spate::announce {

inline constexpr Duration connection_id_epoch = std::chrono::seconds(120);

class ConnectionIds {
  public:
    explicit ConnectionIds(const hash::SipKey& key) : key_(key) {}

    std::uint64_t issue(const Address& asker, TimePoint now) const;
    bool valid(std::uint64_t id, const Address& asker, TimePoint now) const;

  private:
    std::uint64_t id_of(const Address& asker, std::int64_t epoch) const;
    hash::SipKey key_;
};

}  // namespace spate::announce
