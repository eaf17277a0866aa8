// Catalogue: every entry there is, as stored. It changes by whole batches only: a Draft (draft.h) plans one,
// the store makes it durable, adopt() takes it over. Entries are immutable and shared: a batch under way and
// a pool job may look at them.
//
// Invariants: sorted by name, names unique; the counts are those of the entries. Caps are the Draft's.
// Owner: CatalogueService. Thread: one.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/endpoint.h"
#include "base/time.h"
#include "catalogue/entry.h"

namespace spate::catalogue {

using EntryPointer = std::shared_ptr<const Entry>;

// What one batch does to one entry. `before` is null when it is new. Entries are never removed: one without
// peers stays listed, as its name and checksum are still true, and its peers may come back.
struct Change {
    EntryPointer before;
    EntryPointer after;
};

// When the last TRACKER messages of the bare dialect came, oldest first; at most as many as count there.
using BareTrackers = std::vector<WallTime>;

struct Changes {
    std::vector<Change> entries;
    bool bare_changed = false;
    BareTrackers bare;  // all of them, when changed

    bool empty() const { return entries.empty() && !bare_changed; }
    bool makes_entries() const;
};

// Whom the caps count requests of `from` for: an IPv4 address, or the /64 of an IPv6 one, which is what one
// person gets.
Address source_of(const Address& from);

class Catalogue {
  public:
    using Entries = std::map<std::string, EntryPointer, std::less<>>;

    Catalogue() = default;
    // As loaded; no two of one name.
    Catalogue(std::vector<EntryPointer> entries, BareTrackers bare);

    const Entry* find(std::string_view name) const;
    EntryPointer share(std::string_view name) const;
    const Entries& entries() const { return entries_; }
    std::size_t peer_count() const { return peer_count_; }
    std::size_t entries_of(const Address& source) const;
    const BareTrackers& bare() const { return bare_; }

    void adopt(const Changes& changes);

  private:
    void put(EntryPointer entry);

    Entries entries_;
    std::size_t peer_count_ = 0;
    std::unordered_map<Address, std::size_t> entries_by_source_;
    BareTrackers bare_;
};

}  // namespace spate::catalogue
