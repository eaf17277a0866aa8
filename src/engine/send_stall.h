// SendStall: whether a peer lets lie what we send it: some of it waits here, and its system has confirmed
// nothing for stall_time. What is on its way arrives sooner, however slow the link is; a system whose buffer
// was full confirms in steps of a sixteenth of it, which a peer that reads under 32 KB/s of a megabyte takes
// for longer: it rests meanwhile. Owner: UploadLink.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/time.h"

namespace spate::engine {

class SendStall {
  public:
    static constexpr Duration stall_time = std::chrono::seconds(2);

    // Something waits. confirmed: grows with each byte that arrives.
    void look(std::uint64_t confirmed, TimePoint now) {
        if (confirmed != confirmed_ || !moved_at_) moved_at_ = now;
        confirmed_ = confirmed;
        lasts_ = now - *moved_at_ >= stall_time;
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
    std::optional<TimePoint> moved_at_;
    bool lasts_ = false;
};

}  // namespace spate::engine
