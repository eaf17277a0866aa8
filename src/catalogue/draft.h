// Draft: a batch of changes being planned over a Catalogue that does not change meanwhile. The rules of the
// classic tracker (classic protocol, 1, 6 and 7) and every cap are here. Nothing is true until the batch is
// stored and adopted. Pure: no I/O, the time is given. Thread: the catalogue's.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/endpoint.h"
#include "base/time.h"
#include "catalogue/catalogue.h"
#include "catalogue/limits.h"
#include "catalogue/outcome.h"
#include "classic/tracker_request.h"

namespace spate::catalogue {

class Draft {
  public:
    // Both outlive the draft.
    Draft(const Catalogue& catalogue, const Limits& limits, WallTime now)
        : catalogue_(catalogue), limits_(limits), now_(now) {}

    // ferr for any name that exists, for its creator too, whatever the rest says.
    Outcome create(const classic::CreateTracker& request, const Address& from, Verification verification);
    // The refusal that create() would give, or nothing. Changes nothing.
    std::optional<Outcome> create_refusal(const classic::CreateTracker& request, const Address& from) const;

    // Dead peers of the entry go first; only then is there room or not.
    Outcome update(const classic::UpdateTracker& request);

    // Removes the dead peers of one entry, if it exists.
    void sweep(std::string_view name);

    void bare_tracker();

    // What must be stored; entries that ended as they began are left out. The draft is empty afterwards.
    Changes take();

  private:
    const Entry* find(std::string_view name) const;
    // The copy that may be changed. The entry exists.
    Entry& touch(std::string_view name);
    void remove_dead(Entry& entry);
    bool room_for_peer() const { return catalogue_.peer_count() + new_peers_ - gone_peers_ < limits_.peers; }

    struct Touched {
        EntryPointer before;
        std::shared_ptr<Entry> after;
    };

    const Catalogue& catalogue_;
    const Limits& limits_;
    WallTime now_;
    std::map<std::string, Touched, std::less<>> touched_;
    std::map<Address, std::size_t> new_entries_by_source_;
    std::size_t new_entries_ = 0;
    std::size_t new_peers_ = 0;
    std::size_t gone_peers_ = 0;
    std::optional<BareTrackers> bare_;
};

}  // namespace spate::catalogue
