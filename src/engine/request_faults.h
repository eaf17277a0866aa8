// RequestFaults: what counts against a peer that asks us for blocks: requests that no honest peer sends, too
// many that cannot be served, and cancels that cost too much (reliability.md rows 28, 29, 33). But for the
// first, it counts in each round of the choker. Owner: UploadLink.
#pragma once

#include <cstdint>

namespace spate::engine {

class RequestFaults {
  public:
    static constexpr std::uint32_t invalid_max = 30;
    static constexpr std::uint32_t refused_max = 5000;
    static constexpr std::uint64_t cancel_work_max = 4'000'000;  // some 10 ms

    void add_invalid() { ++invalid_; }
    // Beyond the queue, or without a slot; or a cancel of what does not wait, or is in our output already.
    void add_refused() { ++refused_; }
    // Requests looked at for its cancels.
    std::uint64_t& cancel_work() { return cancel_work_; }
    void begin_round() {
        refused_ = 0;
        cancel_work_ = 0;
    }

    bool too_many_invalid() const { return invalid_ > invalid_max; }
    bool too_many_refused() const { return refused_ > refused_max; }
    bool too_much_work() const { return cancel_work_ > cancel_work_max; }

  private:
    std::uint32_t invalid_ = 0;
    std::uint32_t refused_ = 0;
    std::uint64_t cancel_work_ = 0;
};

}  // namespace spate::engine
