// Fetching: the phase in which missing bytes come: what Download decides goes to the links, what comes goes
// to the part file. Pauses while the disk is `unwritten_max` behind. Owner: Receiver, who must not destroy it
// from inside a callback. Thread: the reactor's.
#pragma once

#include <functional>
#include <memory>

#include "classic_peer/part_file.h"
#include "classic_peer/peer_events.h"
#include "classic_peer/source_links.h"

namespace spate::classic_peer {

class Fetching final : public SourceLinkOwner {
  public:
    static constexpr std::uint64_t unwritten_max = 8 << 20;

    struct Handlers {
        std::function<void()> on_complete;      // nothing is missing; perhaps not yet written
        std::function<void()> on_claims_stale;  // a peer refused what the tracker file says it has
    };

    Fetching(io::World& world, Download& download, SourceLinks& links, PartFile& part, Rng& rng,
             PeerEvents& events, Handlers handlers);

    // Asks for whatever can be asked for: at the start, after new claims, and when the part file has written.
    void pump();

  private:
    void on_fetched(FetchId fetch, ByteRange range, std::string_view data) override;
    void on_refused(SourceId source, FetchId fetch) override;
    void on_source_failed(SourceId source, const std::vector<FetchId>& fetches, std::string reason) override;
    void on_capacity(SourceId source, SourceCapacity capacity) override;
    void schedule_pump();

    io::World& world_;
    Download& download_;
    SourceLinks& links_;
    PartFile& part_;
    Rng& rng_;
    PeerEvents& events_;
    Handlers handlers_;
    std::map<FetchId, SourceId> source_of_;
    std::uint64_t missing_;
    bool complete_told_ = false;
    std::unique_ptr<io::Timer> timer_;
};

}  // namespace spate::classic_peer
