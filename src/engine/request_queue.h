// RequestQueue: a peer's requests that wait to be served, oldest first. Limit: requests_max. Owner:
// UploadLink.
#pragma once

#include <cstdint>
#include <vector>

#include "wire/limits.h"
#include "wire/message.h"

namespace spate::engine {

class RequestQueue {
  public:
    static constexpr std::size_t requests_max = wire::our_request_queue;

    bool push(const wire::BlockRequest& request);  // false: it is full
    // Adds the requests it looked at to `looked_at`.
    bool remove(const wire::BlockRequest& request, std::uint64_t& looked_at);
    const wire::BlockRequest& front() const { return waiting_[head_]; }
    void pop();
    std::size_t size() const { return waiting_.size() - head_; }
    bool empty() const { return size() == 0; }
    auto begin() const { return waiting_.begin() + static_cast<std::ptrdiff_t>(head_); }
    auto end() const { return waiting_.end(); }

  private:
    std::vector<wire::BlockRequest> waiting_;
    std::size_t head_ = 0;
};

}  // namespace spate::engine
