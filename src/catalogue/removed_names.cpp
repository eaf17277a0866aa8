#include "catalogue/removed_names.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"

namespace spate::catalogue {

namespace {

std::string key_of(std::string_view name, const hash::PublicKey& publisher) {
    return std::string(as_text(publisher)) + std::string(name);
}

}  // namespace

void RemovedNames::note(const RemovedName& removed, std::size_t count_max) {
    const auto key = key_of(removed.name, removed.publisher);
    if (const auto known = numbers_.find(key); known != numbers_.end()) by_number_.erase(known->second);
    const auto number = by_number_.empty() ? 1 : by_number_.rbegin()->first + 1;
    by_number_.emplace(number, removed);
    numbers_[key] = number;
    forget_up_to(number - static_cast<std::int64_t>(count_max));
}

void RemovedNames::load(std::int64_t number, RemovedName removed) {
    if (number == floor_number) {
        floor_ = removed.sequence;
        return;
    }
    numbers_[key_of(removed.name, removed.publisher)] = number;
    by_number_.insert_or_assign(number, std::move(removed));
}

std::optional<std::uint64_t> RemovedNames::sequence(std::string_view name,
                                                    const hash::PublicKey& publisher) const {
    const auto known = numbers_.find(key_of(name, publisher));
    if (known == numbers_.end()) return floor_;
    return by_number_.at(known->second).sequence;
}

std::vector<RemovedName> RemovedNames::all() const {
    std::vector<RemovedName> all;
    for (const auto& [number, removed] : by_number_) all.push_back(removed);
    return all;
}

void RemovedNames::forget_up_to(std::int64_t number) {
    while (!by_number_.empty() && by_number_.begin()->first <= number) {
        const auto& oldest = by_number_.begin()->second;
        floor_ = std::max(floor_.value_or(0), oldest.sequence);
        numbers_.erase(key_of(oldest.name, oldest.publisher));
        by_number_.erase(by_number_.begin());
    }
}

}  // namespace spate::catalogue
