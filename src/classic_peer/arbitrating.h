// Arbitrating: the phase after a wrong MD5: fetches copies of segments from other sources, has Arbitration
// choose, and tries the choices on the disk. A source has one copy under way. One that fails or refuses three
// times in a row, or takes too long for a copy, is asked with growing pauses and not waited for. Ends with
// the right bytes in the part file, or not at all: then it waits for new claims.
//
// Memory: one segment a source (16 KiB; size / 32,768 for files above 512 MiB). Owner: Receiver, who must not
// destroy it from inside a callback. Thread: the reactor's.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "classic_peer/arbitration.h"
#include "classic_peer/part_file.h"
#include "classic_peer/source_links.h"

namespace spate::classic_peer {

class Arbitrating final : public SourceLinkOwner {
  public:
    struct Handlers {
        std::function<void(const std::vector<SourceId>& wrong)> on_resolved;  // the part file is right now
        std::function<void()> on_stuck;                                       // more claims are needed
        std::function<void(const Error&)> on_error;
    };

    Arbitrating(io::World& world, const FileIdentity& file, Download& download, SourceLinks& links,
                PartFile& part, Rng& rng, Handlers handlers);

    void pump();
    void claims_changed();

  private:
    struct Copy {
        Arbitration::Wanted wanted;
        SourceId source;
        std::string bytes;
        bool whole = true;  // no byte was left out so far
    };
    struct Trust {
        int failures = 0;
        Backoff backoff{BackoffLimits{}};
        TimePoint retry_at{};
        TimePoint asked_at{};
        bool busy = false;
    };

    void on_fetched(FetchId fetch, ByteRange range, std::string_view data) override;
    void on_refused(SourceId source, FetchId fetch) override;
    void on_source_failed(SourceId source, const std::vector<FetchId>& fetches, std::string reason) override;
    void on_capacity(SourceId, SourceCapacity) override {}

    std::vector<RangeSet> claims_now(bool responsive) const;
    void ask_all();
    bool wait_for_copies();
    void not_delivered(SourceId source);
    void compare(Copy copy);
    void keep(Arbitration::Slot slot, std::string bytes);
    void try_choice();
    void take_choice(Arbitration::Choice choice);
    void schedule_pump();

    io::World& world_;
    FileIdentity file_;
    Download& download_;
    SourceLinks& links_;
    PartFile& part_;
    Rng& rng_;
    Handlers handlers_;
    Arbitration arbitration_;
    std::map<FetchId, Copy> copies_;
    std::map<SourceId, Trust> trust_;
    FetchId next_fetch_;
    std::size_t jobs_ = 0;  // on the disk
    bool stuck_ = false;
    std::unique_ptr<io::Timer> timer_;
};

}  // namespace spate::classic_peer
