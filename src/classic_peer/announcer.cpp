#include "classic_peer/announcer.h"

#include <utility>

#include "base/printable.h"
#include "classic/tracker_request.h"

namespace spate::classic_peer {

Announcer::Announcer(io::World& world, HostPort tracker, Duration time_limit, Duration interval, Announced us,
                     Rng& rng, PeerEvents& events, std::function<void()> on_gone)
    : world_(world),
      client_(world, std::move(tracker), time_limit),
      interval_(interval),
      us_(std::move(us)),
      rng_(rng),
      events_(events),
      on_gone_(std::move(on_gone)),
      timer_(world.reactor.make_timer([this] { tell(); })) {}

void Announcer::announce(ByteRange range) {
    range_ = range;
    question_.reset();
    if (withdraw_timer_) withdraw_timer_->disarm();
    if (withdrawn_) world_.reactor.post(std::exchange(withdrawn_, {}));
    tell();
}

void Announcer::stop() {
    question_.reset();
    timer_->disarm();
}

void Announcer::withdraw(io::Callback done) {
    stop();
    if (!known_ || us_.size == 0) return world_.reactor.post(std::move(done));
    withdrawn_ = std::move(done);
    if (!withdraw_timer_) withdraw_timer_ = world_.reactor.make_timer([this] { on_withdrawn(); });
    withdraw_timer_->arm(world_.reactor.now() + withdraw_time);
    question_ =
        tell({us_.size, us_.size}, [this](const auto&) { withdraw_timer_->arm(world_.reactor.now()); });
}

void Announcer::on_withdrawn() {
    question_.reset();
    known_ = false;
    auto done = std::move(withdrawn_);  // it may destroy this
    done();
}

std::unique_ptr<Question> Announcer::tell(ByteRange range, TrackerClient::Answer<classic::Outcome> answer) {
    return client_.tell(
        [us = us_, range](const Address& ours) {
            return classic::write_update_tracker(
                {us.key, range.start, range.end, us.host.value_or(ours.text()), us.port});
        },
        std::move(answer));
}

void Announcer::tell() {
    timer_->disarm();
    known_ = true;
    question_ = tell(range_, [this](Result<classic::Outcome> answer) { on_answer(std::move(answer)); });
}

void Announcer::on_answer(Result<classic::Outcome> answer) {
    question_.reset();
    if (answer && *answer == classic::Outcome::succ) {
        backoff_.reset();
        last_warning_.clear();
        timer_->arm(world_.reactor.now() + interval_);
        return events_.on_announced(range_);
    }
    timer_->arm(world_.reactor.now() + backoff_.next(rng_));
    if (answer && *answer == classic::Outcome::ferr) return on_gone_();
    const std::string why =
        answer ? "the tracker does not take our update of " + us_.key : answer.error().message();
    if (why != last_warning_) events_.on_warning(printable(why));
    last_warning_ = why;
}

}  // namespace spate::classic_peer
