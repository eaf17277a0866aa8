#include "tracker/unfinished_budget.h"

#include <algorithm>

namespace spate::tracker {

UnfinishedBudget::Verdict UnfinishedBudget::add(ConnectionId id, const Address& source, std::size_t bytes) {
    Verdict verdict;
    const auto known = sources_.find(source);
    const std::size_t wanted = (known == sources_.end() ? 0 : known->second.bytes) + bytes;
    if (wanted > bytes_per_source_max_) return verdict;
    while (held_ + bytes > bytes_max_) {
        const auto oldest = oldest_of_largest(source, wanted);
        if (!oldest) return verdict;
        verdict.dropped.push_back(*oldest);
        remove(*oldest);
    }
    auto& of_source = sources_[source];
    const auto [known_request, is_new] = requests_.try_emplace(id, Request{source, 0, next_order_});
    if (is_new) of_source.by_order.emplace(next_order_++, id);
    known_request->second.bytes += bytes;
    of_source.bytes += bytes;
    held_ += bytes;
    verdict.kept = true;
    return verdict;
}

std::optional<ConnectionId> UnfinishedBudget::oldest_of_largest(const Address& source,
                                                                std::size_t wanted) const {
    const auto largest =
        std::ranges::max_element(sources_, {}, [](const auto& one) { return one.second.bytes; });
    if (largest == sources_.end() || largest->first == source || largest->second.bytes <= wanted)
        return std::nullopt;
    return largest->second.by_order.begin()->second;
}

void UnfinishedBudget::remove(ConnectionId id) {
    const auto request = requests_.find(id);
    if (request == requests_.end()) return;
    const auto source = sources_.find(request->second.source);
    source->second.by_order.erase(request->second.order);
    source->second.bytes -= request->second.bytes;
    held_ -= request->second.bytes;
    if (source->second.by_order.empty()) sources_.erase(source);
    requests_.erase(request);
}

}  // namespace spate::tracker
