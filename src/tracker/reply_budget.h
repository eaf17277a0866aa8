// ReplyBudget: how much of the replies under way may be held for clients that read slowly. Replies are shared
// texts, but a client pins the version it is being sent: without a cap, slow readers of ever new versions
// would fill the memory. When the sum passes the cap, those that have been reading longest are to be dropped.
// Pure; thread: the owner's.
#pragma once

#include <cstddef>
#include <map>
#include <unordered_map>
#include <vector>

#include "tracker/deadlines.h"

namespace spate::tracker {

class ReplyBudget {
  public:
    explicit ReplyBudget(std::size_t bytes_max) : bytes_max_(bytes_max) {}

    // A reply of so many bytes waits for its reader. Returns who must go for it, longest waiting first, never
    // `id` itself; they are taken out. One reply a connection.
    std::vector<ConnectionId> add(ConnectionId id, std::size_t bytes);
    void remove(ConnectionId id);
    std::size_t held() const { return held_; }

  private:
    struct Row {
        ConnectionId id;
        std::size_t bytes;
    };
    std::size_t bytes_max_;
    std::size_t held_ = 0;
    std::uint64_t next_order_ = 0;
    std::map<std::uint64_t, Row> by_order_;
    std::unordered_map<ConnectionId, std::uint64_t> order_of_;
};

}  // namespace spate::tracker
