// Draft: a batch of changes being planned over a Catalogue that does not change meanwhile. The rules of the
// classic tracker (classic protocol, 1, 6 and 7), those of published entries (docs/protocols/catalogue.md)
// and every cap are here. Nothing is true until the batch is stored and adopted. Pure: no I/O, the time is
// given. Thread: the catalogue's.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

    // One name, one content: the publisher's own entry is replaced, the same content of somebody else is
    // joined (nothing changes), another content is refused. A classic entry of the same size and MD5 becomes
    // a published one too.
    Outcome publish(const Publication& publication, const Address& from);
    Outcome remove(const Removal& removal);
    // What a possession check found of the metainfo with that digest; nothing happens when the entry has
    // another by now. An entry that was verified once stays so.
    Outcome judge(std::string_view name, const hash::Sha256& metainfo_digest, Judgement judgement);

    // Dead peers of the entry go first; only then is there room or not. ferr for an entry that is not
    // classic.
    Outcome update(const classic::UpdateTracker& request);

    // Takes the peer's line out, if there is one.
    Outcome withdraw(const classic::UpdateTracker& request);

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
    bool room_for_peer() const;

    struct Touched {
        EntryPointer before;
        std::shared_ptr<Entry> after;  // null: removed
        MetainfoBytes metainfo;        // null: as before
    };
    Touched& row(std::string_view name);
    void add(std::shared_ptr<Entry> entry);
    void drop(const Entry& entry);
    // The refusal, or nothing.
    std::optional<Outcome> form_refusal(const Publication& publication) const;
    std::optional<Outcome> metainfo_refusal(const Publication& publication, const Address& from,
                                            const Entry* known) const;
    std::optional<std::uint64_t> last_sequence(std::string_view name, const hash::PublicKey& publisher,
                                               const Entry* known) const;
    std::optional<Outcome> sequence_refusal(std::uint64_t sequence, std::optional<std::uint64_t> last) const;
    std::optional<Outcome> room_refusal(const Address& from) const;
    void publish_new(const Publication& publication, const Address& from);
    Outcome publish_over_classic(const Publication& publication, const Address& from, const Entry& known);
    Outcome publish_again(const Publication& publication, const Address& from, const Entry& known);
    void set_published(Entry& entry, const Publication& publication, const Address& from, bool over_classic);
    void unpublish(const Entry& entry, std::uint64_t sequence);

    const Catalogue& catalogue_;
    const Limits& limits_;
    WallTime now_;
    std::map<std::string, Touched, std::less<>> touched_;
    struct Growth {  // may be below zero
        std::int64_t entries = 0;
        std::int64_t metainfo_bytes = 0;
    };
    void grow(const Address& from, std::int64_t entries, std::int64_t metainfo_bytes);
    Growth planned_for(const Address& from) const;

    std::map<Address, Growth> growth_by_source_;
    Growth growth_;
    std::int64_t new_peers_ = 0;  // less those that are gone
    std::vector<RemovedName> removed_;
    std::optional<BareTrackers> bare_;
};

}  // namespace spate::catalogue
