// EntryChecker: the possession checks of published entries: a few BlockProbes at a time, the rest waits its
// turn. Kept from being a tool against others: the caller gives only the address a signed request came from.
// Limits: below. Thread: the reactor's. Owner: CatalogueHandler.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <unordered_map>

#include "base/endpoint.h"
#include "base/rng.h"
#include "io/world.h"
#include "tracker/block_probe.h"
#include "tracker/possession_checker.h"
#include "tracker/probe_plan.h"
#include "wire/peer_id.h"

namespace spate::tracker {

class EntryChecker {
  public:
    static constexpr std::size_t running_max = 4;  // each holds one piece, so 64 MiB in all
    static constexpr std::size_t running_per_source_max = 2;
    static constexpr std::size_t waiting_max = 256;
    static constexpr std::size_t waiting_per_source_max = 16;

    explicit EntryChecker(io::World world);
    ~EntryChecker();

    // Calls back once, never from inside this call, and not after destruction.
    void check(const metainfo::Metainfo& torrent, const Endpoint& sharer, OnFinding on_finding);

  private:
    struct Check {
        Endpoint sharer;
        ProbePlan plan;
        OnFinding on_finding;
        std::unique_ptr<BlockProbe> probe;  // null: it waits
    };
    struct Share {
        std::size_t running = 0;
        std::size_t waiting = 0;
    };
    void start_next();
    void start(std::uint64_t id, Check& check);
    void finished(std::uint64_t id);
    void tell_later(OnFinding on_finding, std::string reason);

    io::World world_;
    Rng rng_;
    std::uint64_t next_id_ = 1;
    std::deque<std::uint64_t> waiting_;
    std::unordered_map<std::uint64_t, Check> checks_;
    std::unordered_map<Address, Share> by_source_;  // no more rows than checks
    std::size_t running_ = 0;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace spate::tracker
