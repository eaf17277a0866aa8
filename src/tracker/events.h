// Events: what a tracker tells its owner, for logs and plain lines. Texts are printable. Thread: the
// reactor's.
#pragma once

#include <string_view>

#include "base/endpoint.h"
#include "base/error.h"

namespace spate::tracker {

class Events {
  public:
    virtual ~Events() = default;
    // A request was answered. `what`: "createtracker movie.avi"; `outcome`: "succ", "fail: end is beyond the
    // size".
    virtual void on_answered(const Endpoint& from, std::string_view what, std::string_view outcome) = 0;
    // A connection was closed without an answer, or not accepted: why. May come often; owners limit what they
    // print.
    virtual void on_turned_away(const Endpoint& from, std::string_view why) = 0;
    // What the tracker lives with: an accept that failed, a file that cannot be written.
    virtual void on_trouble(const Error& error) = 0;
};

}  // namespace spate::tracker
