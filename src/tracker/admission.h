// Admission: may one more connection of this source (Address::source) be served, and if all places are taken,
// whose may make way for it? Whoever has most, if that is two more than the newcomer's source has: so a few
// sources keep no others out, whatever they hold. Pure. Owner: TcpFront.
#pragma once

#include <cstddef>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/endpoint.h"
#include "tracker/deadlines.h"

namespace spate::tracker {

class Admission {
  public:
    Admission(std::size_t total_max, std::size_t per_source_max)
        : total_max_(total_max), per_source_max_(per_source_max) {}

    // Counts it and says yes, or says no and counts nothing.
    bool admit(ConnectionId id, const Address& source);
    void release(ConnectionId id, const Address& source);
    bool is_full() const { return total_ >= total_max_; }
    std::size_t total() const { return total_; }
    // The connections of whoever has most, oldest first; null: nobody has two more than `source`.
    const std::set<ConnectionId>* to_make_way_for(const Address& source) const;

  private:
    void count(const Address& source, std::size_t before, std::size_t after);

    std::size_t total_max_;
    std::size_t per_source_max_;
    std::size_t total_ = 0;
    std::unordered_map<Address, std::set<ConnectionId>> by_source_;  // no more entries than connections
    std::set<std::pair<std::size_t, Address>> by_count_;             // the same sources
};

}  // namespace spate::tracker
