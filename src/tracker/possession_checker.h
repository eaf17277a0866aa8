// PossessionChecker: before an entry is made, asks its creator for a few chunks over the whole file. Kept
// from being a tool against others: it connects only to the address the request came from (unless told
// otherwise), a few at a time, with short limits, and asks for chunks of at most 1 KiB.
//
// Limits: PossessionOptions. Thread: the reactor's. Owner: TrackerServer.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/endpoint.h"
#include "base/rng.h"
#include "classic/tracker_request.h"
#include "io/world.h"
#include "tracker/options.h"

namespace spate::tracker {

struct Finding {
    enum class Kind : std::uint8_t {
        verified,    // every chunk came, whole
        unverified,  // nobody could be asked, or not in time
        refused,     // it answered, but not with the chunk
    };
    Kind kind = Kind::unverified;
    std::string reason;  // empty when verified
};
using OnFinding = std::move_only_function<void(Finding)>;

class PossessionCheck;

class PossessionChecker {
  public:
    PossessionChecker(io::World world, const PossessionOptions& options);
    ~PossessionChecker();

    // Calls back once, at the latest after options.time_max, never from inside this call, and not after
    // destruction.
    void check(const classic::CreateTracker& request, const Address& from, OnFinding on_finding);

    const PossessionOptions& options() const { return options_; }

  private:
    struct Row {
        std::unique_ptr<PossessionCheck> check;
        Address source;
        bool running = false;  // it has its turn; otherwise its id is in waiting_
    };
    void start_next();
    void finished(std::uint64_t id);

    io::World world_;
    PossessionOptions options_;
    Rng rng_;
    std::uint64_t next_id_ = 1;
    std::deque<std::uint64_t> waiting_;
    std::unordered_map<std::uint64_t, Row> checks_;
    struct Share {
        std::size_t running = 0;
        std::size_t waiting = 0;
    };
    std::unordered_map<Address, Share> by_source_;  // no more rows than checks
    std::size_t running_ = 0;
};

}  // namespace spate::tracker
