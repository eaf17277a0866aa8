// UnfinishedBudget: how much of HTTP requests that are still arriving may be kept, in all and of one source,
// so that nobody's unfinished uploads stand in the way of others. When all is taken, the oldest of whoever
// holds most makes way for a source that holds less. Pure; thread: the owner's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/endpoint.h"
#include "tracker/deadlines.h"

namespace spate::tracker {

class UnfinishedBudget {
  public:
    UnfinishedBudget(std::size_t bytes_max, std::size_t bytes_per_source_max)
        : bytes_max_(bytes_max), bytes_per_source_max_(bytes_per_source_max) {}

    struct Verdict {
        bool kept = false;
        std::vector<ConnectionId> dropped;  // who must go, never `id` itself; they are taken out
    };
    // So many more bytes of that connection's request.
    Verdict add(ConnectionId id, const Address& source, std::size_t bytes);
    void remove(ConnectionId id);
    std::size_t held() const { return held_; }

  private:
    struct Request {
        Address source;
        std::size_t bytes = 0;
        std::uint64_t order = 0;
    };
    struct Source {
        std::size_t bytes = 0;
        std::map<std::uint64_t, ConnectionId> by_order;  // oldest first
    };
    std::optional<ConnectionId> oldest_of_largest(const Address& source, std::size_t wanted) const;

    std::size_t bytes_max_;
    std::size_t bytes_per_source_max_;
    std::size_t held_ = 0;
    std::uint64_t next_order_ = 0;
    std::unordered_map<ConnectionId, Request> requests_;
    std::unordered_map<Address, Source> sources_;  // with requests; looked through when all is taken
};

}  // namespace spate::tracker
