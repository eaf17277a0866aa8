#include "engine/announce_tier.h"

#include <algorithm>
#include <utility>

#include "base/printable.h"

namespace spate::engine {
namespace {

using announce::Event;
using std::chrono::minutes;

constexpr Duration round_time_limit = std::chrono::seconds(60);
// A tracker that was silent for so long has not heard us.
constexpr Duration heard_time = std::chrono::seconds(3);
constexpr minutes retry_in_max = std::chrono::hours(24);

}  // namespace

AnnounceTier::AnnounceTier(io::World& world, AnnounceSchedule& schedule, Rng& rng, AnnounceSource& source,
                           std::vector<http::Url> urls, std::uint32_t key)
    : AnnounceSlot(schedule),
      world_(world),
      rng_(rng),
      source_(source),
      key_(key),
      trackers_(std::move(urls), rng) {}

AnnounceTier::~AnnounceTier() = default;

void AnnounceTier::start() {
    running_ = true;
    wait_until(world_.reactor.now());
}

void AnnounceTier::completed() {
    completed_untold_ = true;
    tell_now();
}

void AnnounceTier::changed() {
    tell_now();
}

void AnnounceTier::tell_now() {
    if (!running_) return;
    again_ = round_ != nullptr;
    // While all of them fail, it waits for the next try.
    if (!round_ && !times_.failing()) wait_until(world_.reactor.now());
}

void AnnounceTier::announce_now() {
    if (!running_) return;
    again_ = round_ != nullptr;
    if (!round_) wait_until(world_.reactor.now());
}

void AnnounceTier::hurry() {
    if (!running_ || round_) return;
    if (const auto sooner = times_.sooner(world_.reactor.now())) wait_until(*sooner);
}

// Its tracker may be at it, or have answered, and lists us then.
void AnnounceTier::end_round() {
    if (!round_) return;
    const auto heard = round_->heard_over();
    auto& knows_us = trackers_.current().knows_us;
    if (world_.reactor.now() - round_->begun_at() <= heard_time)
        for (std::size_t family = 0; family < 2; ++family) knows_us[family] |= heard[family];
    round_.reset();
}

bool AnnounceTier::stop(Duration time_limit, std::function<void()> done) {
    running_ = false;
    times_.set_due(never);
    end_round();
    const TimePoint now = world_.reactor.now();
    last_words_ = std::make_unique<LastWords>(world_, rng_, schedule().udp_connections(), source_.figures(),
                                              key_, now + time_limit, [this, done = std::move(done)] {
                                                  schedule().leave(*this);
                                                  done();
                                              });
    const bool asks = trackers_.that_knows() != nullptr;
    if (asks)
        schedule().at(*this, now, AnnounceSchedule::Urgency::last_words);
    else
        schedule().leave(*this);
    return asks;
}

void AnnounceTier::wait_until(TimePoint due) {
    times_.set_due(due);
    schedule().at(*this, due);
}

std::string AnnounceTier::announce_host() {
    if (!running_) return trackers_.that_knows()->url.authority();
    const TimePoint now = world_.reactor.now();
    if (trackers_.find_next(now)) return trackers_.current().url.authority();
    // All of them failed, or want to be left alone.
    const TimePoint soonest = trackers_.begin_again();
    wait_until(std::max(soonest, now + times_.pause(rng_)));
    return {};
}

void AnnounceTier::on_announce() {
    if (!running_) return last_words_->say(trackers_, completed_untold_);
    again_ = false;
    times_.set_due(never);
    const TierTracker& tracker = trackers_.current();
    const AnnounceFigures figures = source_.figures();
    event_ = next_event(tracker, figures);
    round_ = std::make_unique<TrackerRound>(
        world_, rng_, schedule().udp_connections(), static_cast<RoundOwner&>(*this), tracker.url,
        tracker.requests(figures, event_, std::min(figures.want, announce::want_max), key_),
        std::array<bool, 2>{true, true}, round_time_limit);
}

announce::Event AnnounceTier::next_event(const TierTracker& tracker, const AnnounceFigures& figures) const {
    if (!tracker.knows()) return Event::started;
    if (completed_untold_ && figures.left == 0) return Event::completed;
    return figures.partial_seed ? Event::paused : Event::none;
}

void AnnounceTier::on_round_reply(const announce::AnnounceReply& reply, const Address& from) {
    if (!running_) return;
    TierTracker& tracker = trackers_.current();
    if (!reply.tracker_id.empty()) tracker.id = reply.tracker_id;
    tracker.working = true;
    // At once: the other family may be silent, and we stop before it is given up.
    tracker.knows_us[static_cast<std::size_t>(announce::family_of(from))] = true;
    tracker.counts = {reply.complete, reply.incomplete};
    times_.on_reply(reply);
    if (!reply.warning.empty()) warn(tracker, reply.warning);
    if (reply.external_ip) source_.on_external_address(*reply.external_ip);
    if (!reply.peers.empty()) source_.on_peers(reply.peers, from);
}

void AnnounceTier::on_round_end(const RoundResult& result) {
    round_.reset();
    schedule().leave(*this);
    if (result.answered)
        on_success(result);
    else
        on_failure(result);
}

void AnnounceTier::on_success(const RoundResult& result) {
    const TimePoint now = world_.reactor.now();
    TierTracker& tracker = trackers_.current();
    tracker.working = true;
    for (std::size_t family = 0; family < 2; ++family)
        tracker.knows_us[family] = tracker.knows_us[family] || result.families[family];
    if (event_ == Event::completed) completed_untold_ = false;
    trackers_.on_answered();
    times_.on_answered(now);
    if (again_ || (completed_untold_ && source_.figures().left == 0)) return wait_until(now);
    wait_until(now + times_.interval(rng_));
}

void AnnounceTier::on_failure(const RoundResult& result) {
    const TimePoint now = world_.reactor.now();
    TierTracker& tracker = trackers_.current();
    tracker.working = false;
    if (result.failure) {
        if (const auto& retry = result.failure->retry_in)
            tracker.not_before =
                retry->never ? never
                             : now + minutes(std::min<std::int64_t>(retry->minutes, retry_in_max.count()));
        warn(tracker, "it says: " + result.failure->reason);
    } else if (result.error) {
        warn(tracker, result.error->message());
    }
    trackers_.on_failed();
    times_.on_failed();
    wait_until(now);
}

void AnnounceTier::warn(TierTracker& tracker, std::string text) {
    text = printable(text);
    if (text == tracker.last_warning) return;
    tracker.last_warning = text;
    source_.on_tracker_warning(printable(tracker.url.text()), text);
}

}  // namespace spate::engine
