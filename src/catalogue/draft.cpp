#include "catalogue/draft.h"

#include <utility>

#include "base/assert.h"
#include "catalogue/peer_rules.h"
#include "classic/classic_name.h"

namespace spate::catalogue {

namespace {

Outcome refuse(Answer answer, std::string reason) {
    return {answer, std::move(reason)};
}

// Numbers are stored as signed 64-bit ones.
constexpr std::uint64_t size_max = INT64_MAX;

}  // namespace

std::optional<Outcome> Draft::create_refusal(const classic::CreateTracker& request,
                                             const Address& from) const {
    if (find(request.name) != nullptr) return refuse(Answer::ferr, "the entry exists");
    if (const auto fault = classic::name_fault(request.name)) {
        return refuse(Answer::fail, "the name: " + std::string(*fault));
    }
    if (!classic::is_host_text(request.host) || request.port == 0)
        return refuse(Answer::fail, "no address to reach");
    if (request.size > size_max) return refuse(Answer::fail, "the size is too large");
    if (request.description.size() > limits_.description_bytes) {
        return refuse(Answer::fail, "the description is too long");
    }
    if (auto full = room_refusal(from)) return full;
    if (!room_for_peer()) return refuse(Answer::fail, "too many peers in all");
    return std::nullopt;
}

std::optional<Outcome> Draft::room_refusal(const Address& from) const {
    const auto entries = static_cast<std::int64_t>(catalogue_.entries().size()) + growth_.entries;
    if (std::cmp_greater_equal(entries, limits_.entries)) {
        return refuse(Answer::fail, "the catalogue is full");
    }
    const auto of_source =
        static_cast<std::int64_t>(catalogue_.entries_of(source_of(from))) + planned_for(from).entries;
    if (std::cmp_greater_equal(of_source, limits_.entries_per_source)) {
        return refuse(Answer::fail, "too many entries from this address");
    }
    return std::nullopt;
}

Outcome Draft::create(const classic::CreateTracker& request, const Address& from, Verification verification) {
    if (auto refusal = create_refusal(request, from)) return std::move(*refusal);
    auto entry = std::make_shared<Entry>();
    entry->name = request.name;
    entry->size = request.size;
    entry->description = request.description;
    entry->md5 = request.md5;
    entry->checksum_usable = request.usable_md5;
    entry->verification = verification;
    entry->owner = from;
    entry->created = now_;
    entry->peers.push_back({request.host, request.port, 0, request.size, now_, true});
    add(std::move(entry));
    return {Answer::succ, {}};
}

Outcome Draft::update(const classic::UpdateTracker& request) {
    const auto* known = find(request.name);
    if (known == nullptr || !known->is_classic()) return refuse(Answer::ferr, "no such entry");
    if (request.start > request.end || request.end > known->size) {
        return refuse(Answer::fail, "the range is not inside the file");
    }
    if (!classic::is_host_text(request.host) || request.port == 0)
        return refuse(Answer::fail, "no address to reach");
    auto& entry = touch(request.name);
    remove_dead(entry);
    if (auto* peer = find_peer(entry, request.host, request.port)) {
        announce_again(*peer, request.start, request.end, now_);
        return {Answer::succ, {}};
    }
    if (entry.peers.size() >= limits_.peers_per_entry)
        return refuse(Answer::fail, "the entry has too many peers");
    if (!room_for_peer()) return refuse(Answer::fail, "too many peers in all");
    entry.peers.push_back({request.host, request.port, request.start, request.end, now_, false});
    ++new_peers_;
    return {Answer::succ, {}};
}

Outcome Draft::withdraw(const classic::UpdateTracker& request) {
    const auto* known = find(request.name);
    if (known == nullptr || !known->is_classic()) return refuse(Answer::ferr, "no such entry");
    const auto gone = std::erase_if(touch(request.name).peers, [&](const Peer& peer) {
        return peer.port == request.port && peer.host == request.host;
    });
    new_peers_ -= static_cast<std::int64_t>(gone);
    return {Answer::succ, {}};
}

void Draft::sweep(std::string_view name) {
    if (find(name) != nullptr) remove_dead(touch(name));
}

void Draft::bare_tracker() {
    if (!bare_) bare_ = catalogue_.bare();
    bare_->push_back(now_);
    if (std::cmp_greater(bare_->size(), classic::bare_trackers_before_ready)) bare_->erase(bare_->begin());
}

Changes Draft::take() {
    Changes changes;
    for (auto& [name, touched] : touched_) {
        auto& [before, after, metainfo] = touched;
        if (before == nullptr && after == nullptr) continue;
        const bool same = before != nullptr && after != nullptr && *before == *after && metainfo == nullptr;
        if (same) continue;
        changes.entries.push_back({std::move(before), std::move(after), std::move(metainfo)});
    }
    changes.removed = std::exchange(removed_, {});
    changes.bare_changed = bare_.has_value();
    if (bare_) changes.bare = std::move(*bare_);
    touched_.clear();
    growth_by_source_.clear();
    growth_ = {};
    new_peers_ = 0;
    bare_.reset();
    return changes;
}

const Entry* Draft::find(std::string_view name) const {
    const auto found = touched_.find(name);
    return found == touched_.end() ? catalogue_.find(name) : found->second.after.get();
}

Draft::Touched& Draft::row(std::string_view name) {
    const auto found = touched_.find(name);
    if (found != touched_.end()) return found->second;
    auto before = catalogue_.share(name);
    auto after = before == nullptr ? nullptr : std::make_shared<Entry>(*before);
    return touched_.emplace(name, Touched{std::move(before), std::move(after), nullptr}).first->second;
}

Entry& Draft::touch(std::string_view name) {
    auto& touched = row(name);
    SPATE_ASSERT(touched.after != nullptr);
    return *touched.after;
}

void Draft::add(std::shared_ptr<Entry> entry) {
    grow(entry->owner, 1, 0);
    new_peers_ += static_cast<std::int64_t>(entry->peers.size());
    row(entry->name).after = std::move(entry);
}

void Draft::drop(const Entry& entry) {
    grow(entry.owner, -1, 0);
    new_peers_ -= static_cast<std::int64_t>(entry.peers.size());
    auto& touched = row(entry.name);
    touched.metainfo = nullptr;
    touched.after = nullptr;
}

void Draft::remove_dead(Entry& entry) {
    new_peers_ -= static_cast<std::int64_t>(remove_dead_peers(entry, now_, limits_.peer_timeout));
}

bool Draft::room_for_peer() const {
    const auto peers = static_cast<std::int64_t>(catalogue_.peer_count()) + new_peers_;
    return std::cmp_less(peers, limits_.peers);
}

void Draft::grow(const Address& from, std::int64_t entries, std::int64_t metainfo_bytes) {
    for (auto* growth : {&growth_, &growth_by_source_[source_of(from)]}) {
        growth->entries += entries;
        growth->metainfo_bytes += metainfo_bytes;
    }
}

Draft::Growth Draft::planned_for(const Address& from) const {
    const auto planned = growth_by_source_.find(source_of(from));
    return planned == growth_by_source_.end() ? Growth{} : planned->second;
}

}  // namespace spate::catalogue
