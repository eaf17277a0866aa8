// EntryChecker: the possession checks of published entries: a few BlockProbes at a time, the rest waits its
// turn (CheckTurns). Kept from being a tool against others: the caller gives only the address a signed
// request came from. Limits: those of CheckTurns; a running check holds one piece, so 64 MiB in all.
// Thread: the reactor's. Owner: CatalogueHandler.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "base/endpoint.h"
#include "base/rng.h"
#include "io/world.h"
#include "tracker/block_probe.h"
#include "tracker/check_turns.h"
#include "tracker/possession_checker.h"
#include "tracker/probe_plan.h"
#include "wire/peer_id.h"

namespace spate::tracker {

class EntryChecker {
  public:
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
    void start_next();
    void start(CheckTurns::Id id, Check& check);
    void finished(CheckTurns::Id id);
    void tell_later(OnFinding on_finding, std::string reason);

    io::World world_;
    Rng rng_;
    CheckTurns::Id next_id_ = 1;
    CheckTurns turns_;
    std::unordered_map<CheckTurns::Id, Check> checks_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace spate::tracker
