#include "catalogue/catalogue.h"

#include <algorithm>

namespace spate::catalogue {

namespace {

bool same_line_of_list(const Entry& a, const Entry& b) {
    return a.size == b.size && a.md5 == b.md5;
}

// Everything but the peers.
bool same_but_peers(const Entry& a, const Entry& b) {
    const bool same_published = a.published == nullptr || b.published == nullptr
                                    ? a.published == b.published
                                    : *a.published == *b.published;
    return same_published && same_line_of_list(a, b) && a.description == b.description &&
           a.verification == b.verification && a.owner == b.owner && a.created == b.created;
}

}  // namespace

bool Changes::is_unrepeated() const {
    return !removed.empty() || std::ranges::any_of(entries, [](const Change& change) {
        return change.before == nullptr || change.after == nullptr || change.metainfo != nullptr ||
               !same_but_peers(*change.before, *change.after);
    });
}

bool Changes::changes_list() const {
    return std::ranges::any_of(entries, [](const Change& change) {
        return change.before == nullptr || change.after == nullptr ||
               !same_line_of_list(*change.before, *change.after);
    });
}

Address source_of(const Address& from) {
    const auto address = from.unmapped();
    if (address.is_v4()) return address;
    auto octets = address.octets();
    std::fill(octets.begin() + 8, octets.end(), std::uint8_t{0});
    return Address::v6(octets);
}

Catalogue::Catalogue(std::vector<EntryPointer> entries, BareTrackers bare, RemovedNames removed)
    : removed_(std::move(removed)), bare_(std::move(bare)) {
    for (auto& entry : entries) put(std::move(entry));
}

const Entry* Catalogue::find(std::string_view name) const {
    const auto found = entries_.find(name);
    return found == entries_.end() ? nullptr : found->second.get();
}

EntryPointer Catalogue::share(std::string_view name) const {
    const auto found = entries_.find(name);
    return found == entries_.end() ? nullptr : found->second;
}

std::size_t Catalogue::entries_of(const Address& source) const {
    const auto found = shares_.find(source);
    return found == shares_.end() ? 0 : found->second.entries;
}

std::uint64_t Catalogue::metainfo_bytes_of(const Address& source) const {
    const auto found = shares_.find(source);
    return found == shares_.end() ? 0 : found->second.metainfo_bytes;
}

void Catalogue::adopt(const Changes& changes, std::size_t removed_max) {
    for (const auto& change : changes.entries) {
        if (const auto place = entries_.find(change.name()); place != entries_.end()) take(place);
        if (change.after != nullptr) put(change.after);
    }
    for (const auto& removed : changes.removed) removed_.note(removed, removed_max);
    if (changes.bare_changed) bare_ = changes.bare;
}

void Catalogue::put(EntryPointer entry) {
    const auto place = entries_.emplace(entry->name, entry).first;
    largest_first_.emplace(-static_cast<std::int64_t>(entry->size), place->first);
    newest_first_.emplace(-entry->created.unix_seconds, place->first);
    classic_count_ += entry->is_classic() ? 1U : 0U;
    peer_count_ += entry->peers.size();
    ++shares_[source_of(entry->owner)].entries;
    if (entry->published == nullptr) return;
    metainfo_bytes_ += entry->published->metainfo_bytes;
    shares_[source_of(entry->published->from)].metainfo_bytes += entry->published->metainfo_bytes;
}

void Catalogue::take(Entries::iterator place) {
    const auto entry = place->second;
    largest_first_.erase({-static_cast<std::int64_t>(entry->size), place->first});
    newest_first_.erase({-entry->created.unix_seconds, place->first});
    classic_count_ -= entry->is_classic() ? 1U : 0U;
    peer_count_ -= entry->peers.size();
    const auto release = [&](const Address& from, std::size_t entries, std::uint64_t bytes) {
        const auto share = shares_.find(source_of(from));
        share->second.entries -= entries;
        share->second.metainfo_bytes -= bytes;
        if (share->second.entries == 0 && share->second.metainfo_bytes == 0) shares_.erase(share);
    };
    if (entry->published != nullptr) {
        metainfo_bytes_ -= entry->published->metainfo_bytes;
        release(entry->published->from, 0, entry->published->metainfo_bytes);
    }
    release(entry->owner, 1, 0);
    entries_.erase(place);
}

}  // namespace spate::catalogue
