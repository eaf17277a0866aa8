// Deadlines: when each of many connections must be looked at next, in one ordered set with one timer above
// it, so that ten thousand idle connections cost one timer. At most one deadline an id. Pure; thread: the
// owner's.
#pragma once

#include <cstdint>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/time.h"

namespace spate::tracker {

using ConnectionId = std::uint64_t;

class Deadlines {
  public:
    // Replaces an earlier deadline of that id; `never` takes it out.
    void set(ConnectionId id, TimePoint due);
    void remove(ConnectionId id) { set(id, never); }
    // The ids due at `now`, earliest first; they are taken out.
    std::vector<ConnectionId> take_due(TimePoint now);
    TimePoint next() const { return by_time_.empty() ? never : by_time_.begin()->first; }
    std::size_t count() const { return by_time_.size(); }

  private:
    std::set<std::pair<TimePoint, ConnectionId>> by_time_;
    std::unordered_map<ConnectionId, TimePoint> by_id_;
};

}  // namespace spate::tracker
