// UploadLink: one peer as somebody we serve. Limit: requests_max waiting. Owner: Peer.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "swarm/rate_meter.h"
#include "wire/limits.h"
#include "wire/message.h"

namespace spate::engine {

// Requests that wait, oldest first.
class RequestQueue {
  public:
    static constexpr std::size_t requests_max = wire::our_request_queue;

    // False: it is full.
    bool push(const wire::BlockRequest& request) {
        if (size() >= requests_max) return false;
        waiting_.push_back(request);
        return true;
    }
    // Adds the requests it looked at to `looked_at`.
    bool remove(const wire::BlockRequest& request, std::uint64_t& looked_at);
    const wire::BlockRequest& front() const { return waiting_[head_]; }
    void pop() {
        if (++head_ < waiting_.size() / 2) return;
        waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(head_));
        head_ = 0;
    }
    void clear() {
        waiting_.clear();
        head_ = 0;
    }
    std::size_t size() const { return waiting_.size() - head_; }
    bool empty() const { return size() == 0; }
    auto begin() const { return waiting_.begin() + static_cast<std::ptrdiff_t>(head_); }
    auto end() const { return waiting_.end(); }

  private:
    std::vector<wire::BlockRequest> waiting_;
    std::size_t head_ = 0;
};

inline bool RequestQueue::remove(const wire::BlockRequest& request, std::uint64_t& looked_at) {
    for (std::size_t i = head_; i < waiting_.size(); ++i) {
        ++looked_at;
        if (waiting_[i] != request) continue;
        waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
        return true;
    }
    return false;
}

struct UploadLink {
    RequestQueue requests;
    swarm::RateMeter rate;
    std::uint64_t bytes = 0;       // payload sent
    std::uint64_t fast_bytes = 0;  // of it, without a slot (row 33)
    TimePoint connected_at{};
    std::vector<wire::PieceIndex> allowed_fast;
    std::uint32_t invalid = 0;           // requests that no honest peer sends
    std::uint32_t refused = 0;           // beyond the queue, or without a slot
    std::uint64_t cancel_work = 0;       // requests looked at for its cancels, in a round
    std::size_t send_ahead = 128 << 10;  // bytes in its output; Uploads changes it when its rate is known
    bool asked = false;                  // for a block, ever
    std::optional<TimePoint> silent_since{};  // it has a slot, is interested, and asks for nothing
    std::uint32_t silences = 0;               // in a row
    bool choked = true;                       // by us
    bool interested = false;                  // the peer is
    bool loading = false;                     // its next block is being read from disk
    bool waits_for_rate = false;
};

}  // namespace spate::engine
