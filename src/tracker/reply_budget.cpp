#include "tracker/reply_budget.h"

namespace spate::tracker {

std::vector<ConnectionId> ReplyBudget::add(ConnectionId id, std::size_t bytes) {
    std::vector<ConnectionId> dropped;
    while (held_ + bytes > bytes_max_ && !by_order_.empty()) {
        dropped.push_back(by_order_.begin()->second.id);
        remove(dropped.back());
    }
    const auto order = next_order_++;
    by_order_.emplace(order, Row{id, bytes});
    order_of_.emplace(id, order);
    held_ += bytes;
    return dropped;
}

void ReplyBudget::remove(ConnectionId id) {
    const auto known = order_of_.find(id);
    if (known == order_of_.end()) return;
    const auto row = by_order_.find(known->second);
    held_ -= row->second.bytes;
    by_order_.erase(row);
    order_of_.erase(known);
}

}  // namespace spate::tracker
