// TrackerWait: says that a tracker is waited for, once it has said nothing for two seconds; so nobody wonders
// what a command does. Says it once, unless it is gone before. Thread: the reactor's. Owner: who asks.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/endpoint.h"
#include "io/reactor.h"

namespace spate::apps {

class TrackerWait {
  public:
    static constexpr Duration patience = std::chrono::seconds(2);

    TrackerWait(io::Reactor& reactor, const HostPort& tracker, std::function<void(const std::string&)> say)
        : timer_(reactor.make_timer([say = std::move(say), text = text(tracker)] { say(text); })) {
        timer_->arm(reactor.now() + patience);
    }
    static std::string text(const HostPort& tracker) {
        return "waiting for the tracker " + tracker.text() + " ...";
    }

  private:
    std::unique_ptr<io::Timer> timer_;
};

}  // namespace spate::apps
