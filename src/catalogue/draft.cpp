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
    if (catalogue_.entries().size() + new_entries_ >= limits_.entries) {
        return refuse(Answer::fail, "the catalogue is full");
    }
    const auto source = source_of(from);
    const auto planned = new_entries_by_source_.find(source);
    const auto of_source =
        catalogue_.entries_of(source) + (planned == new_entries_by_source_.end() ? 0 : planned->second);
    if (of_source >= limits_.entries_per_source)
        return refuse(Answer::fail, "too many entries from this address");
    if (!room_for_peer()) return refuse(Answer::fail, "too many peers in all");
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
    touched_.emplace(request.name, Touched{nullptr, std::move(entry)});
    ++new_entries_;
    ++new_entries_by_source_[source_of(from)];
    ++new_peers_;
    return {Answer::succ, {}};
}

Outcome Draft::update(const classic::UpdateTracker& request) {
    const auto* known = find(request.name);
    if (known == nullptr) return refuse(Answer::ferr, "no such entry");
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
        if (touched.before != nullptr && *touched.before == *touched.after) continue;
        changes.entries.push_back({std::move(touched.before), std::move(touched.after)});
    }
    changes.bare_changed = bare_.has_value();
    if (bare_) changes.bare = std::move(*bare_);
    touched_.clear();
    new_entries_by_source_.clear();
    new_entries_ = new_peers_ = gone_peers_ = 0;
    bare_.reset();
    return changes;
}

const Entry* Draft::find(std::string_view name) const {
    const auto found = touched_.find(name);
    return found == touched_.end() ? catalogue_.find(name) : found->second.after.get();
}

Entry& Draft::touch(std::string_view name) {
    const auto found = touched_.find(name);
    if (found != touched_.end()) return *found->second.after;
    auto before = catalogue_.share(name);
    SPATE_ASSERT(before != nullptr);
    auto after = std::make_shared<Entry>(*before);
    return *touched_.emplace(name, Touched{std::move(before), std::move(after)}).first->second.after;
}

void Draft::remove_dead(Entry& entry) {
    gone_peers_ += remove_dead_peers(entry, now_, limits_.peer_timeout);
}

}  // namespace spate::catalogue
