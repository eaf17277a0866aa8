#include "engine/announce_tier.h"

#include <algorithm>

#include "base/printable.h"

namespace spate::engine {
namespace {

using announce::Event;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Duration round_time_limit = seconds(60);
constexpr Duration interval_min = seconds(60);
constexpr Duration interval_max = std::chrono::hours(2);
constexpr Duration pause_first = seconds(15);
constexpr Duration pause_max = minutes(30);
constexpr minutes retry_in_max = std::chrono::hours(24);
constexpr std::size_t swarms_max = 2;

Duration held(std::uint32_t count) {
    return std::clamp<Duration>(seconds(count), interval_min, interval_max);
}

// Uniform in [low, high].
Duration drawn(Rng& rng, Duration low, Duration high) {
    return low + Duration(static_cast<Duration::rep>(
                     rng.below(static_cast<std::uint64_t>((high - low).count()) + 1)));
}

}  // namespace

AnnounceTier::AnnounceTier(io::World& world, AnnounceSchedule& schedule, Rng& rng, AnnounceSource& source,
                           std::vector<http::Url> urls, std::uint32_t key)
    : AnnounceSlot(schedule), world_(world), rng_(rng), source_(source), key_(key) {
    std::shuffle(urls.begin(), urls.end(), rng_);
    trackers_.reserve(urls.size());
    for (http::Url& url : urls) trackers_.emplace_back().url = std::move(url);
}

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
    if (!round_ && failed_passes_ == 0) wait_until(world_.reactor.now());
}

void AnnounceTier::hurry() {
    if (running_ && !round_ && earliest_ < due_) wait_until(std::max(earliest_, world_.reactor.now()));
}

bool AnnounceTier::stop(Duration time_limit, std::function<void()> done) {
    running_ = false;
    due_ = never;
    round_.reset();
    on_stopped_ = std::move(done);
    stop_until_ = world_.reactor.now() + time_limit;
    last_figures_ = std::make_unique<const AnnounceFigures>(source_.figures());
    const bool asks = std::ranges::any_of(trackers_, &Tracker::knows);
    if (asks)
        schedule().at(*this, world_.reactor.now(), AnnounceSchedule::Urgency::last_words);
    else
        schedule().leave(*this);
    return asks;
}

// What one tracker hears at the end.
class AnnounceTier::LastWords final : private RoundOwner {
  public:
    LastWords(AnnounceTier& tier, const Tracker& tracker, Event first) : tier_(tier), tracker_(tracker) {
        say(first);
    }

  private:
    void say(Event event) {
        event_ = event;
        const Duration left = tier_.stop_until_ - tier_.world_.reactor.now();
        round_ = std::make_unique<TrackerRound>(
            tier_.world_, tier_.rng_, tier_.schedule().udp_connections(), static_cast<RoundOwner&>(*this),
            tracker_.url, tier_.requests(tracker_, *tier_.last_figures_, event), tracker_.knows_us,
            std::max<Duration>(event == Event::stopped ? left : left / 2, Duration{1}));
    }
    void on_round_reply(const announce::AnnounceReply&, const Address&) override {}
    void on_round_end(const RoundResult&) override {
        event_ == Event::stopped ? tier_.on_last_words() : say(Event::stopped);
    }

    AnnounceTier& tier_;
    const Tracker& tracker_;
    Event event_{};
    std::unique_ptr<TrackerRound> round_;
};

AnnounceTier::~AnnounceTier() = default;

void AnnounceTier::say_last_words() {
    const bool untold = completed_untold_ && last_figures_->left == 0;
    for (const Tracker& tracker : trackers_) {
        if (!tracker.knows()) continue;
        ++stopping_;
        last_words_.push_back(
            std::make_unique<LastWords>(*this, tracker, untold ? Event::completed : Event::stopped));
    }
}

void AnnounceTier::on_last_words() {
    if (--stopping_ > 0) return;
    schedule().leave(*this);
    on_stopped_();
}

void AnnounceTier::add_status(std::vector<TrackerStatus>& to) const {
    for (std::size_t i = 0; i < trackers_.size(); ++i) {
        const Tracker& tracker = trackers_[i];
        TrackerStatus& status = to.emplace_back();
        status.url = printable(tracker.url.text());
        status.working = tracker.working;
        status.last_warning = tracker.last_warning;
        status.seeds = tracker.counts.seeds;
        status.leechers = tracker.counts.leechers;
        if (i == current_) status.next_announce = due_;
    }
}

void AnnounceTier::add_counts(std::optional<Announcer::Counts>& to) const {
    for (const Tracker& tracker : trackers_) {
        if (!tracker.working) continue;
        if (!to) to.emplace();
        to->seeds = std::max(to->seeds, tracker.counts.seeds);
        to->leechers = std::max(to->leechers, tracker.counts.leechers);
    }
}

void AnnounceTier::wait_until(TimePoint due) {
    due_ = due;
    schedule().at(*this, due);
}

// All of them failed, or want to be left alone.
void AnnounceTier::rest() {
    current_ = 0;
    Duration whole = pause_first;
    for (int i = 0; i < failed_passes_ && whole < pause_max; ++i) whole *= 2;
    whole = std::min(whole, pause_max);
    ++failed_passes_;
    const auto soonest = std::ranges::min_element(trackers_, {}, &Tracker::not_before)->not_before;
    wait_until(std::max(soonest, world_.reactor.now() + drawn(rng_, whole / 2, whole)));
}

std::string AnnounceTier::announce_host() {
    if (!running_) return std::ranges::find_if(trackers_, &Tracker::knows)->url.authority();
    const TimePoint now = world_.reactor.now();
    while (current_ < trackers_.size() && trackers_[current_].not_before > now) ++current_;
    if (current_ < trackers_.size()) return trackers_[current_].url.authority();
    rest();
    return {};
}

void AnnounceTier::on_announce() {
    if (!running_) return say_last_words();
    again_ = false;
    due_ = never;
    const Tracker& tracker = trackers_[current_];
    const AnnounceFigures figures = source_.figures();
    event_ = next_event(tracker, figures);
    round_ = std::make_unique<TrackerRound>(
        world_, rng_, schedule().udp_connections(), static_cast<RoundOwner&>(*this), tracker.url,
        requests(tracker, figures, event_), std::array<bool, 2>{true, true}, round_time_limit);
}

announce::Event AnnounceTier::next_event(const Tracker& tracker, const AnnounceFigures& figures) const {
    if (!tracker.knows()) return Event::started;
    if (completed_untold_ && figures.left == 0) return Event::completed;
    return figures.partial_seed ? Event::paused : Event::none;
}

std::vector<announce::AnnounceRequest> AnnounceTier::requests(const Tracker& tracker,
                                                              const AnnounceFigures& figures,
                                                              Event event) const {
    std::vector<announce::AnnounceRequest> all;
    for (const hash::Sha1& swarm : figures.swarms) {
        if (all.size() == swarms_max) break;
        announce::AnnounceRequest& request = all.emplace_back();
        request.swarm = swarm;
        request.peer_id = figures.peer_id;
        request.port = figures.port;
        request.uploaded = figures.uploaded;
        request.downloaded = figures.downloaded;
        request.left = figures.left;
        request.event = event;
        request.want = !running_ ? 0 : std::min(figures.want, announce::want_max);
        request.key = key_;
        request.tracker_id = tracker.id;
    }
    return all;
}

void AnnounceTier::on_round_reply(const announce::AnnounceReply& reply, const Address& from) {
    if (!running_) return;
    Tracker& tracker = trackers_[current_];
    if (!reply.tracker_id.empty()) tracker.id = reply.tracker_id;
    tracker.working = true;
    // At once: the other family may be silent, and we stop before it is given up.
    tracker.knows_us[static_cast<std::size_t>(announce::family_of(from))] = true;
    tracker.counts = {reply.complete, reply.incomplete};
    interval_ = held(reply.interval);
    min_interval_ = reply.min_interval ? held(*reply.min_interval) : interval_min;
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
    Tracker& tracker = trackers_[current_];
    tracker.working = true;
    for (std::size_t family = 0; family < 2; ++family)
        tracker.knows_us[family] = tracker.knows_us[family] || result.families[family];
    if (event_ == Event::completed) completed_untold_ = false;
    std::rotate(trackers_.begin(), trackers_.begin() + static_cast<std::ptrdiff_t>(current_),
                trackers_.begin() + static_cast<std::ptrdiff_t>(current_) + 1);
    current_ = 0;
    failed_passes_ = 0;
    earliest_ = now + min_interval_;
    if (again_ || (completed_untold_ && source_.figures().left == 0)) return wait_until(now);
    const Duration next = drawn(rng_, interval_ * 9 / 10, interval_ * 11 / 10);
    wait_until(now + std::max(next, min_interval_));
}

void AnnounceTier::on_failure(const RoundResult& result) {
    const TimePoint now = world_.reactor.now();
    Tracker& tracker = trackers_[current_];
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
    ++current_;
    earliest_ = never;
    wait_until(now);
}

void AnnounceTier::warn(Tracker& tracker, std::string text) {
    text = printable(text);
    if (text == tracker.last_warning) return;
    tracker.last_warning = text;
    source_.on_tracker_warning(printable(tracker.url.text()), text);
}

}  // namespace spate::engine
