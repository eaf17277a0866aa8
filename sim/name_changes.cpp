#include "sim/name_changes.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace spate::sim {

namespace {

void make_durable(const NameChange& change) {
    if (change.from) change.from->durable_entries.erase(change.old_name);
    if (change.to) change.to->durable_entries[change.new_name] = change.node;
}

}  // namespace

void NameChanges::apply(std::size_t count) {
    const auto end = changes_.begin() + static_cast<std::ptrdiff_t>(count);
    std::for_each(changes_.begin(), end, make_durable);
    changes_.erase(changes_.begin(), end);
}

void NameChanges::sync(const Inode& folder) {
    std::set<std::uint64_t> folders{folder.id};
    std::vector<bool> chosen(changes_.size());
    for (std::size_t known = 0; known != folders.size();) {
        known = folders.size();
        for (std::size_t i = 0; i < chosen.size(); ++i) {
            const auto& change = changes_[i];
            const auto touches = [&](const auto& inode) { return inode && folders.contains(inode->id); };
            if (!touches(change.from) && !touches(change.to)) continue;
            chosen[i] = true;
            if (change.from) folders.insert(change.from->id);
            if (change.to) folders.insert(change.to->id);
        }
    }
    std::vector<NameChange> rest;
    for (std::size_t i = 0; i < chosen.size(); ++i) {
        if (chosen[i]) {
            make_durable(changes_[i]);
        } else {
            rest.push_back(std::move(changes_[i]));
        }
    }
    changes_ = std::move(rest);
}

// The kernel synced some folders on its own.
void NameChanges::sync_some(Rng& rng) {
    std::map<std::uint64_t, std::shared_ptr<Inode>> folders;
    for (const auto& change : changes_) {
        if (change.from) folders[change.from->id] = change.from;
        if (change.to) folders[change.to->id] = change.to;
    }
    for (const auto& [id, folder] : folders) {
        if (rng.chance(1, 2)) sync(*folder);
    }
}

bool NameChanges::crash(Rng& rng) {
    if (changes_.empty()) return false;
    if (rng.chance(1, 2)) sync_some(rng);
    apply(rng.below(changes_.size() + 1));
    const bool lost = !changes_.empty();
    changes_.clear();
    return lost;
}

}  // namespace spate::sim
