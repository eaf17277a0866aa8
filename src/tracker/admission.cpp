#include "tracker/admission.h"

#include "base/assert.h"

namespace spate::tracker {

bool Admission::admit(const Address& address) {
    if (total_ >= total_max_) return false;
    const auto known = by_address_.find(address);
    if (known != by_address_.end() && known->second >= per_address_max_) return false;
    if (per_address_max_ == 0) return false;
    ++by_address_[address];
    ++total_;
    return true;
}

void Admission::release(const Address& address) {
    const auto known = by_address_.find(address);
    SPATE_ASSERT(known != by_address_.end() && total_ > 0);
    if (--known->second == 0) by_address_.erase(known);
    --total_;
}

}  // namespace spate::tracker
