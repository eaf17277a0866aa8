#include "apps/classic_fallback.h"

namespace spate::apps {

ClassicFallback::ClassicFallback(io::World& world, const HostPort& tracker, Duration time_limit, Done done)
    : client_(world, tracker, time_limit),
      done_(std::move(done)),
      timer_(world.reactor.make_timer([this] { ask(); })) {
    timer_->arm(world.reactor.now() + patience);
}

void ClassicFallback::begin() {
    if (!question_) ask();
}

void ClassicFallback::ask() {
    timer_->disarm();
    question_ = client_.list([this](Result<Entries> entries) {
        auto done = std::move(done_);  // it may destroy this
        done(std::move(entries));
    });
}

}  // namespace spate::apps
