// PossessionCheck: one createtracker's check. Finds the address to ask, asks for a few chunks side by side, a
// connection each, and sums up. PossessionChecker decides when it runs and how many do. Thread: the
// reactor's. Owner: PossessionChecker.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/range_set.h"
#include "base/rng.h"
#include "classic/tracker_request.h"
#include "io/world.h"
#include "tracker/chunk_probe.h"
#include "tracker/possession_checker.h"

namespace spate::tracker {

class PossessionCheck {
  public:
    // `on_finding` may destroy the check. The deadline runs from here, waiting for start() included.
    PossessionCheck(io::World world, const PossessionOptions& options, const classic::CreateTracker& request,
                    const Address& from, Rng& rng, OnFinding on_finding);

    void start();
    // Ends it as unverified in a later turn.
    void give_up_soon(std::string reason);

  private:
    void host_resolved(const Result<std::vector<Address>>& addresses);
    void probe(const Endpoint& endpoint);
    void probe_ended(ProbeResult result, std::string detail);
    void give_up(std::string reason);
    void end(Finding finding);

    io::World world_;
    const PossessionOptions& options_;
    classic::CreateTracker request_;
    Address from_;
    Rng& rng_;
    OnFinding on_finding_;
    std::unique_ptr<io::Timer> deadline_;
    std::unique_ptr<io::Pending> resolving_;
    std::vector<std::unique_ptr<ChunkProbe>> probes_;
    std::size_t good_ = 0;
    std::string no_answer_ = "it did not answer in time";
};

// Which chunks to ask of a file: the first, the last, and random ones between; none twice, each at most 1024
// bytes. Nothing for an empty file.
std::vector<ByteRange> chunks_to_probe(std::uint64_t file_size, std::size_t count, Rng& rng);

}  // namespace spate::tracker
