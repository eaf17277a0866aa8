// SendStall: whether a peer lets lie what we send it: some of it waits here, and its system has confirmed
// nothing for stall_time. However slow a link is, something of what is on its way arrives in that time.
// Owner: UploadLink.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/time.h"

namespace spate::engine {

class SendStall {
  public:
    static constexpr Duration stall_time = std::chrono::seconds(2);

    // Something waits. confirmed: bytes that arrived so far.
    void look(std::uint64_t confirmed, TimePoint now) {
        if (confirmed != confirmed_) moved_at_ = now;
        confirmed_ = confirmed;
        lasts_ = now - moved_at_ >= stall_time;
    }
    // Nothing waits.
    void end(TimePoint now) {
        moved_at_ = now;
        lasts_ = false;
    }
    // As it was when it was looked at.
    bool lasts() const { return lasts_; }

  private:
    std::uint64_t confirmed_ = 0;
    TimePoint moved_at_{};
    bool lasts_ = false;
};

}  // namespace spate::engine
