// Catalogue: every entry there is, as stored. It changes by whole batches only: a Draft (draft.h) plans one,
// the store makes it durable, adopt() takes it over. Entries are immutable and shared: a batch under way and
// a pool job may look at them.
//
// Invariants: sorted by name, names unique; the counts and the orders are those of the entries. Caps are the
// Draft's. Owner: CatalogueService. Thread: one.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/endpoint.h"
#include "base/time.h"
#include "catalogue/entry.h"
#include "catalogue/publication.h"
#include "catalogue/removed_names.h"

namespace spate::catalogue {

using EntryPointer = std::shared_ptr<const Entry>;

// What one batch does to one entry; before or after is there. `before` is null when it is new, `after` when
// it is removed: published ones can be, by their publisher. Classic ones never are: one without peers stays
// listed, as its name and checksum are still true, and its peers may come back.
struct Change {
    EntryPointer before;
    EntryPointer after;
    MetainfoBytes metainfo = nullptr;  // when there is a new one

    const std::string& name() const { return after != nullptr ? after->name : before->name; }
};

// When the last TRACKER messages of the bare dialect came, oldest first; at most as many as count there.
using BareTrackers = std::vector<WallTime>;

struct Changes {
    std::vector<Change> entries;
    std::vector<RemovedName> removed = {};
    bool bare_changed = false;
    BareTrackers bare = {};  // all of them, when changed

    bool empty() const { return entries.empty() && removed.empty() && !bare_changed; }
    // Whether it says more than where peers are, which peers say again and again.
    bool is_unrepeated() const;
    // Whether LIST reads otherwise afterwards.
    bool changes_list() const;
};

// Whom the caps count requests of `from` for: an IPv4 address, or the /64 of an IPv6 one, which is what one
// person gets.
Address source_of(const Address& from);

class Catalogue {
  public:
    using Entries = std::map<std::string, EntryPointer, std::less<>>;
    // Ascending; by what the order is about, then by name.
    using Order = std::set<std::pair<std::int64_t, std::string_view>>;

    Catalogue() = default;
    // As loaded; no two of one name.
    Catalogue(std::vector<EntryPointer> entries, BareTrackers bare, RemovedNames removed = {});
    Catalogue(Catalogue&&) noexcept = default;
    Catalogue& operator=(Catalogue&&) noexcept = default;

    const Entry* find(std::string_view name) const;
    EntryPointer share(std::string_view name) const;
    const Entries& entries() const { return entries_; }
    const Order& largest_first() const { return largest_first_; }
    const Order& newest_first() const { return newest_first_; }
    std::size_t classic_count() const { return classic_count_; }
    std::size_t peer_count() const { return peer_count_; }
    std::size_t entries_of(const Address& source) const;
    std::uint64_t metainfo_bytes() const { return metainfo_bytes_; }
    std::uint64_t metainfo_bytes_of(const Address& source) const;
    const RemovedNames& removed() const { return removed_; }
    const BareTrackers& bare() const { return bare_; }

    // removed_max: Limits::removed_names.
    void adopt(const Changes& changes, std::size_t removed_max);

  private:
    void put(EntryPointer entry);
    void take(Entries::iterator place);

    Entries entries_;
    Order largest_first_;  // views of the keys of entries_
    Order newest_first_;
    std::size_t classic_count_ = 0;
    std::size_t peer_count_ = 0;
    std::uint64_t metainfo_bytes_ = 0;
    struct Share {
        std::size_t entries = 0;
        std::uint64_t metainfo_bytes = 0;
    };
    std::unordered_map<Address, Share> shares_;  // by source
    RemovedNames removed_;
    BareTrackers bare_;
};

}  // namespace spate::catalogue
