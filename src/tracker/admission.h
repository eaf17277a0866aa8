// Admission: may one more connection from this address be served? Counts them, in all and by address. Pure.
#pragma once

#include <cstddef>
#include <unordered_map>

#include "base/endpoint.h"

namespace spate::tracker {

class Admission {
  public:
    Admission(std::size_t total_max, std::size_t per_address_max)
        : total_max_(total_max), per_address_max_(per_address_max) {}

    // Counts it and says yes, or says no and counts nothing.
    bool admit(const Address& address);
    void release(const Address& address);
    std::size_t total() const { return total_; }

  private:
    std::size_t total_max_;
    std::size_t per_address_max_;
    std::size_t total_ = 0;
    std::unordered_map<Address, std::size_t> by_address_;  // no more entries than connections
};

}  // namespace spate::tracker
