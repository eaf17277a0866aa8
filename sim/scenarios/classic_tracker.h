// The tracker as the program runs it, on a host of the simulator: the catalogue on the host's disk, the
// classic server before it, and a ledger of what it owes to whom it has answered:
//   - an entry whose createtracker was answered succ is there ever after, power cuts included;
//   - a range whose updatetracker was answered succ is there until the power goes, the disk fails syncs, the
//     clock jumps or the peer is not heard of for peer_timeout;
//   - a peer's line names no byte that this peer did not announce (but for the whole file, while the line is
//     the provisional one of createtracker).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "base/range_set.h"
#include "catalogue/catalogue_service.h"
#include "sim/host.h"
#include "tracker/tracker_server.h"

namespace spate::sim {

// Outlives the processes; the host outlives it.
class TrackerLedger {
  public:
    using OnClaim = std::function<void(const std::string& host, ByteRange)>;

    // `on_claim`: somebody says that it has a range. The ledger hangs itself into the simulation.
    static std::shared_ptr<TrackerLedger> open(Host& tracker, OnClaim on_claim);

    // An updatetracker on its way; give the receipt to `answered`.
    struct Receipt {
        classic::UpdateTracker request;
        std::uint64_t releases = 0;
        TimePoint at;
    };
    Receipt asked(const classic::UpdateTracker& request);
    void asked(const classic::CreateTracker& request);
    void answered(const Receipt& receipt);
    void answered(const classic::CreateTracker& request);

    // What is missing or false in the catalogue; nothing when all is well.
    std::optional<std::string> complaint(const catalogue::CatalogueService& catalogue) const;

  private:
    using Peer = std::pair<std::string, std::string>;  // entry, host and port
    struct Promise {
        ByteRange range;
        TimePoint at;
    };
    TrackerLedger(Host& tracker, OnClaim on_claim) : tracker_(tracker), on_claim_(std::move(on_claim)) {}
    void release();

    Host& tracker_;
    OnClaim on_claim_;
    std::set<std::string> entries_;
    std::map<Peer, Promise> promises_;
    std::map<Peer, RangeSet> announced_;
    std::uint64_t releases_ = 0;  // how often all promises of ranges were void
    std::int64_t wall_offset_ = 0;
};

// The process. It opens its state again after a while if the disk does not let it, as a service is restarted.
class TrackerProgram final : private tracker::Events {
  public:
    static constexpr const char* folder = "/var/spate";

    TrackerProgram(const ProgramStart& start, Simulation& simulation, tracker::Options options,
                   std::shared_ptr<TrackerLedger> ledger);
    ~TrackerProgram() override;

  private:
    void open();
    Result<void> try_to_open();
    void check();
    void on_answered(const Endpoint&, std::string_view what, std::string_view outcome) override;
    void on_turned_away(const Endpoint&, std::string_view) override {}
    void on_trouble(const Error&) override {}

    io::World& world_;
    Log& log_;
    Simulation& simulation_;
    tracker::Options options_;
    std::shared_ptr<TrackerLedger> ledger_;
    std::unique_ptr<catalogue::CatalogueService> catalogue_;
    std::unique_ptr<tracker::TrackerServer> server_;
    std::unique_ptr<io::Timer> open_timer_;
    std::unique_ptr<io::Timer> check_timer_;
};

}  // namespace spate::sim
