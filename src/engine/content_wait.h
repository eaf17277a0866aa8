// ContentWait: a torrent whose disk does not take what comes: why, what a person can do, and when it is tried
// again: after 5 s, doubling to 60 s, until it is well. Pure. Owner: TorrentFiles, TorrentRecord.
#pragma once

#include <chrono>
#include <optional>

#include "base/error.h"
#include "base/time.h"

namespace spate::engine {

// Whether an error of opening a torrent's files may go away by itself, or by what a person does elsewhere.
bool may_pass(const Error& error);
// Whether nothing may be written there: while nothing of a torrent is there, that is its end, as if its files
// could not be opened.
bool is_forbidden(const Error& error);

class ContentWait {
  public:
    static constexpr Duration first = std::chrono::seconds(5);
    static constexpr Duration longest = std::chrono::seconds(60);

    // Also each try that fails.
    void on_trouble(const Error& error, TimePoint now);
    void on_well();
    // Nothing is left to be tried but to go on; if that fails soon, it waits for longer.
    void go_on();
    // The try is over, and something else will tell how it went.
    void end_try() { trying_ = false; }

    bool waiting() const { return why_.has_value(); }
    // With what to do about it.
    const std::optional<Error>& why() const { return why_; }
    TimePoint retry_at() const { return retry_at_; }
    // Whether it is time to try; the try has begun then, and there is no other before it ended: by
    // on_trouble(), on_well(), go_on() or end_try().
    bool begin_try(TimePoint now);

  private:
    std::optional<Error> why_;
    Duration delay_{};
    TimePoint retry_at_{};
    bool trying_ = false;
};

}  // namespace spate::engine
