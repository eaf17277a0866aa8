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
    // Takes it out, also out of the middle of a longer one, of which the rest waits on. Adds the requests it
    // looked at to `looked_at`.
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
    bool take_out(std::size_t at, const wire::BlockRequest& request);

    std::vector<wire::BlockRequest> waiting_;
    std::size_t head_ = 0;
};

inline bool RequestQueue::remove(const wire::BlockRequest& request, std::uint64_t& looked_at) {
    for (std::size_t i = head_; i < waiting_.size(); ++i) {
        ++looked_at;
        if (take_out(i, request)) return true;
    }
    return false;
}

inline bool RequestQueue::take_out(std::size_t at, const wire::BlockRequest& request) {
    wire::BlockRequest& waiting = waiting_[at];
    const std::uint64_t end = std::uint64_t{request.offset} + request.length;
    const std::uint64_t waiting_end = std::uint64_t{waiting.offset} + waiting.length;
    if (waiting.piece != request.piece || request.length == 0 || request.offset < waiting.offset ||
        end > waiting_end)
        return false;
    const wire::BlockRequest before{waiting.piece, waiting.offset, request.offset - waiting.offset};
    const wire::BlockRequest behind{waiting.piece, static_cast<std::uint32_t>(end),
                                    static_cast<std::uint32_t>(waiting_end - end)};
    const auto place = waiting_.begin() + static_cast<std::ptrdiff_t>(at);
    if (before.length > 0 && behind.length > 0) {
        if (size() >= requests_max) return false;
        waiting = before;
        waiting_.insert(place + 1, behind);
    } else if (before.length > 0 || behind.length > 0) {
        waiting = before.length > 0 ? before : behind;
    } else {
        waiting_.erase(place);
    }
    return true;
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
