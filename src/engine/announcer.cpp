#include "engine/announcer.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/printable.h"
#include "engine/announce_tier.h"

namespace spate::engine {

Announcer::Announcer(io::World& world, AnnounceSchedule& schedule, AnnounceSource& source,
                     const std::vector<std::vector<std::string>>& tiers)
    : world_(world), source_(source), rng_(world.random.next_u64()) {
    const auto key = static_cast<std::uint32_t>(world.random.next_u64());
    std::set<std::string> seen;
    for (const auto& texts : tiers) {
        std::vector<http::Url> urls;
        for (const std::string& text : texts) {
            if (urls.size() == trackers_in_tier_max || tiers_.size() == announce_tiers_max) break;
            auto url = http::Url::parse(text);
            if (!url)
                refused_.emplace_back(printable(text), url.error().message());
            else if (seen.insert(url->text()).second)
                urls.push_back(std::move(*url));
        }
        if (!urls.empty())
            tiers_.push_back(
                std::make_unique<AnnounceTier>(world_, schedule, rng_, source_, std::move(urls), key));
    }
}

Announcer::~Announcer() = default;

void Announcer::start() {
    if (std::exchange(started_, true) || stop_timer_) return;
    for (const auto& [url, why] : refused_) source_.on_tracker_warning(url, why);
    for (const auto& tier : tiers_) tier->start();
}

void Announcer::completed() {
    for (const auto& tier : tiers_) tier->completed();
}

void Announcer::changed() {
    for (const auto& tier : tiers_) tier->changed();
}

void Announcer::announce_now() {
    for (const auto& tier : tiers_) tier->announce_now();
}

void Announcer::hurry() {
    for (const auto& tier : tiers_) tier->hurry();
}

void Announcer::stop(Duration time_limit, std::function<void()> done) {
    stop_done_ = std::move(done);
    stop_timer_ = world_.reactor.make_timer([this] { on_stopped(); });
    for (const auto& tier : tiers_) {
        const bool asks = tier->stop(time_limit, [this] {
            if (--stopping_ == 0) stop_timer_->arm(world_.reactor.now());
        });
        if (asks) ++stopping_;
    }
    stop_timer_->arm(world_.reactor.now() + (stopping_ == 0 ? Duration{} : time_limit));
}

void Announcer::on_stopped() {
    tiers_.clear();  // those that have not answered are given up
    const auto done = std::exchange(stop_done_, {});
    done();
}

std::optional<Announcer::Counts> Announcer::counts() const {
    std::optional<Counts> found;
    for (const auto& tier : tiers_) tier->add_counts(found);
    return found;
}

std::vector<TrackerStatus> Announcer::status() const {
    std::vector<TrackerStatus> all;
    for (const auto& tier : tiers_) tier->add_status(all);
    return all;
}

}  // namespace spate::engine
