// Admission: may one more connection from this source be served? Counts them, in all and by source
// (Address::source). Pure.
#pragma once

#include <cstddef>
#include <unordered_map>

#include "base/endpoint.h"

namespace spate::tracker {

class Admission {
  public:
    Admission(std::size_t total_max, std::size_t per_source_max)
        : total_max_(total_max), per_source_max_(per_source_max) {}

    // Counts it and says yes, or says no and counts nothing.
    bool admit(const Address& source);
    void release(const Address& source);
    std::size_t total() const { return total_; }

  private:
    std::size_t total_max_;
    std::size_t per_source_max_;
    std::size_t total_ = 0;
    std::unordered_map<Address, std::size_t> by_source_;  // no more entries than connections
};

}  // namespace spate::tracker
