#include "catalogue/catalogue.h"

#include <algorithm>

namespace spate::catalogue {

bool Changes::makes_entries() const {
    return std::ranges::any_of(entries, [](const Change& change) { return change.before == nullptr; });
}

Address source_of(const Address& from) {
    const auto address = from.unmapped();
    if (address.is_v4()) return address;
    auto octets = address.octets();
    std::fill(octets.begin() + 8, octets.end(), std::uint8_t{0});
    return Address::v6(octets);
}

Catalogue::Catalogue(std::vector<EntryPointer> entries, BareTrackers bare) : bare_(std::move(bare)) {
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
    const auto found = entries_by_source_.find(source);
    return found == entries_by_source_.end() ? 0 : found->second;
}

void Catalogue::adopt(const Changes& changes) {
    for (const auto& change : changes.entries) put(change.after);
    if (changes.bare_changed) bare_ = changes.bare;
}

void Catalogue::put(EntryPointer entry) {
    auto& place = entries_[entry->name];
    if (place == nullptr) {
        ++entries_by_source_[source_of(entry->owner)];
    } else {
        peer_count_ -= place->peers.size();
    }
    peer_count_ += entry->peers.size();
    place = std::move(entry);
}

}  // namespace spate::catalogue
