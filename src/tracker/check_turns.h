// CheckTurns: whose possession check is next. A few run at a time, one of a source (Address::source) and two
// of an address range (/24, /48), so that nobody holds the places of others. Of those that wait, the range
// that had the fewest turns goes first, in it the source that had the fewest, then who came first: a first
// check goes before anybody's second. When all that may wait do, the newest of the range that has most of
// them makes way for a range that has fewer. Turns are forgotten when nobody is left.
// Limits: below. Pure. Owner: EntryChecker. Thread: the owner's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>

#include "base/endpoint.h"

namespace spate::tracker {

class CheckTurns {
  public:
    static constexpr std::size_t running_max = 4;
    static constexpr std::size_t running_per_source_max = 1;
    static constexpr std::size_t running_per_range_max = 2;
    static constexpr std::size_t waiting_max = 256;
    static constexpr std::size_t waiting_per_source_max = 16;
    static constexpr std::size_t remembered_max = 1024;  // sources, and ranges, that had a turn

    using Id = std::uint64_t;  // grows
    struct Verdict {
        bool waits = false;         // else there was no room
        std::optional<Id> dropped;  // who made way; it is taken out
    };
    Verdict add(Id id, const Address& from);
    // Whose turn it is; it runs until over().
    std::optional<Id> next();
    void over(Id id);

  private:
    struct Share {
        std::size_t running = 0;
        std::size_t waiting = 0;
        std::uint64_t turns = 0;  // it had
    };
    using Shares = std::unordered_map<Address, Share>;
    struct Check {
        Address source;
        Address range;
        bool running = false;
    };
    std::optional<Id> newest_of_largest(const Address& range) const;
    void take_out(std::map<Id, Check>::iterator check);
    static void forget(Shares& shares);

    std::map<Id, Check> checks_;  // in order of arrival
    Shares sources_, ranges_;
    std::size_t running_ = 0;
};

}  // namespace spate::tracker
