#include "tracker/deadlines.h"

namespace spate::tracker {

void Deadlines::set(ConnectionId id, TimePoint due) {
    const auto known = by_id_.find(id);
    if (known != by_id_.end()) {
        if (known->second == due) return;
        by_time_.erase({known->second, id});
    }
    if (due == never) {
        if (known != by_id_.end()) by_id_.erase(known);
        return;
    }
    by_id_.insert_or_assign(id, due);
    by_time_.emplace(due, id);
}

std::vector<ConnectionId> Deadlines::take_due(TimePoint now) {
    std::vector<ConnectionId> due;
    while (!by_time_.empty() && by_time_.begin()->first <= now) {
        due.push_back(by_time_.begin()->second);
        by_id_.erase(due.back());
        by_time_.erase(by_time_.begin());
    }
    return due;
}

}  // namespace spate::tracker
