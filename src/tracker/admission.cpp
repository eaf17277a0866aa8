#include "tracker/admission.h"

#include "base/assert.h"

namespace spate::tracker {

bool Admission::admit(ConnectionId id, const Address& source) {
    if (is_full() || per_source_max_ == 0) return false;
    auto& own = by_source_[source];
    if (own.size() >= per_source_max_) return false;
    own.insert(own.end(), id);
    ++total_;
    count(source, own.size() - 1, own.size());
    return true;
}

void Admission::release(ConnectionId id, const Address& source) {
    const auto known = by_source_.find(source);
    SPATE_ASSERT(known != by_source_.end() && known->second.erase(id) == 1);
    --total_;
    count(source, known->second.size() + 1, known->second.size());
    if (known->second.empty()) by_source_.erase(known);
}

void Admission::count(const Address& source, std::size_t before, std::size_t after) {
    if (before == 0) {
        by_count_.emplace(after, source);
        return;
    }
    auto node = by_count_.extract({before, source});
    if (after == 0) return;
    node.value().first = after;
    by_count_.insert(std::move(node));
}

const std::set<ConnectionId>* Admission::to_make_way_for(const Address& source) const {
    if (by_count_.empty()) return nullptr;
    const auto& [most, largest] = *by_count_.rbegin();
    const auto known = by_source_.find(source);
    const std::size_t own = known == by_source_.end() ? 0 : known->second.size();
    return most >= own + 2 ? &by_source_.at(largest) : nullptr;
}

}  // namespace spate::tracker
