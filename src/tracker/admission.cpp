#include "tracker/admission.h"

#include "base/assert.h"

namespace spate::tracker {

bool Admission::admit(const Address& source) {
    if (total_ >= total_max_) return false;
    const auto known = by_source_.find(source);
    if (known != by_source_.end() && known->second >= per_source_max_) return false;
    if (per_source_max_ == 0) return false;
    ++by_source_[source];
    ++total_;
    return true;
}

void Admission::release(const Address& source) {
    const auto known = by_source_.find(source);
    SPATE_ASSERT(known != by_source_.end() && total_ > 0);
    if (--known->second == 0) by_source_.erase(known);
    --total_;
}

}  // namespace spate::tracker
