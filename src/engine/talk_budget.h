// TalkBudget: messages of one peer that ask for no work and bring none (choke, unchoke, interested, not
// interested, what is known already), which cost us time all the same. Each is paid for by the blocks that
// are asked for and come, two changes of mind a block each way, and by time. Limits: burst. Owner: Peer.
// Thread: the reactor's.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "base/time.h"

namespace spate::engine {

class TalkBudget {
  public:
    static constexpr std::uint32_t burst = 2000;  // messages; also what it begins with
    static constexpr std::uint32_t per_block = 4;
    static constexpr std::chrono::milliseconds one_comes_every{20};

    explicit TalkBudget(TimePoint now) : filled_at_(now) {}

    void on_block() { left_ = std::min(burst, left_ + per_block); }
    // One more message; false: it is one too many.
    bool take(TimePoint now) {
        const auto come = (now - filled_at_) / one_comes_every;
        if (come > 0) {
            left_ = static_cast<std::uint32_t>(std::min<std::int64_t>(burst, left_ + come));
            filled_at_ += come * one_comes_every;
        }
        if (left_ == 0) return false;
        --left_;
        return true;
    }

  private:
    std::uint32_t left_ = burst;
    TimePoint filled_at_;
};

}  // namespace spate::engine
