// AskSilence: whether a peer lets a slot lie: it is unchoked, says that it is interested, and has never asked
// for anything. Who has asked before may have nothing to ask for now: all it lacks is asked of others.
// Owner: UploadLink.
#pragma once

#include <chrono>
#include <optional>
#include <utility>

#include "base/time.h"

namespace spate::engine {

class AskSilence {
  public:
    static constexpr Duration ask_time = std::chrono::seconds(2);

    // It may ask from now on. To lose interest and find it again is not to ask.
    void begin(TimePoint now) {
        if (!asked_ && !since_) since_ = now;
    }
    // It was choked.
    void end() { since_.reset(); }
    // It asks; whether it had let a slot lie before.
    bool on_request() {
        if (std::exchange(asked_, true)) return false;
        since_.reset();
        return std::exchange(let_lie_, false);
    }
    // Whether it lets its slot lie by now.
    bool look(TimePoint now) {
        const bool too_long = since_ && now - *since_ >= ask_time;
        let_lie_ |= too_long;
        return too_long;
    }

    bool lasts() const { return since_.has_value(); }
    bool asked() const { return asked_; }
    bool let_slot_lie() const { return let_lie_; }

  private:
    bool asked_ = false;
    bool let_lie_ = false;  // and has not asked since
    std::optional<TimePoint> since_;
};

}  // namespace spate::engine
