#include "engine/announce_times.h"

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace spate::engine {
namespace {

using std::chrono::seconds;

constexpr Duration interval_min = seconds(60);
constexpr Duration interval_max = std::chrono::hours(2);
constexpr Duration pause_first = seconds(15);
constexpr Duration pause_max = std::chrono::minutes(30);

Duration held(std::uint32_t count) {
    return std::clamp<Duration>(seconds(count), interval_min, interval_max);
}

// Uniform in [low, high].
Duration drawn(Rng& rng, Duration low, Duration high) {
    return low + Duration(static_cast<Duration::rep>(
                     rng.below(static_cast<std::uint64_t>((high - low).count()) + 1)));
}

}  // namespace

std::optional<TimePoint> AnnounceTimes::sooner(TimePoint now) const {
    if (earliest_ >= due_) return std::nullopt;
    return std::max(earliest_, now);
}

void AnnounceTimes::on_reply(const announce::AnnounceReply& reply) {
    interval_ = held(reply.interval);
    min_interval_ = reply.min_interval ? held(*reply.min_interval) : interval_min;
}

void AnnounceTimes::on_answered(TimePoint now) {
    failed_passes_ = 0;
    earliest_ = now + min_interval_;
}

Duration AnnounceTimes::interval(Rng& rng) const {
    return std::max(drawn(rng, interval_ * 9 / 10, interval_ * 11 / 10), min_interval_);
}

Duration AnnounceTimes::pause(Rng& rng) {
    Duration whole = pause_first;
    for (int i = 0; i < failed_passes_ && whole < pause_max; ++i) whole *= 2;
    whole = std::min(whole, pause_max);
    ++failed_passes_;
    return drawn(rng, whole / 2, whole);
}

}  // namespace spate::engine
