#include "engine/request_queue.h"

namespace spate::engine {

bool RequestQueue::push(const wire::BlockRequest& request) {
    if (size() >= requests_max) return false;
    waiting_.push_back(request);
    return true;
}

bool RequestQueue::remove(const wire::BlockRequest& request, std::uint64_t& looked_at) {
    for (std::size_t i = head_; i < waiting_.size(); ++i) {
        ++looked_at;
        if (waiting_[i] != request) continue;
        waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
        return true;
    }
    return false;
}

void RequestQueue::pop() {
    if (++head_ < waiting_.size() / 2) return;
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(head_));
    head_ = 0;
}

}  // namespace spate::engine
