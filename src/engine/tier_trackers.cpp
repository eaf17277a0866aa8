#include "engine/tier_trackers.h"

#include <algorithm>

#include "base/printable.h"

namespace spate::engine {
namespace {
constexpr std::size_t swarms_max = 2;
}  // namespace

std::vector<announce::AnnounceRequest> TierTracker::requests(const AnnounceFigures& figures,
                                                             announce::Event event, std::uint32_t want,
                                                             std::uint32_t key) const {
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
        request.want = want;
        request.key = key;
        request.tracker_id = id;
    }
    return all;
}

TierTrackers::TierTrackers(std::vector<http::Url> urls, Rng& rng) {
    std::shuffle(urls.begin(), urls.end(), rng);
    trackers_.reserve(urls.size());
    for (http::Url& url : urls) trackers_.emplace_back().url = std::move(url);
}

bool TierTrackers::find_next(TimePoint now) {
    while (current_ < trackers_.size() && trackers_[current_].not_before > now) ++current_;
    return current_ < trackers_.size();
}

void TierTrackers::on_answered() {
    const auto answered = trackers_.begin() + static_cast<std::ptrdiff_t>(current_);
    std::rotate(trackers_.begin(), answered, answered + 1);
    current_ = 0;
}

TimePoint TierTrackers::begin_again() {
    current_ = 0;
    return std::ranges::min_element(trackers_, {}, &TierTracker::not_before)->not_before;
}

const TierTracker* TierTrackers::that_knows() const {
    const auto found = std::ranges::find_if(trackers_, &TierTracker::knows);
    return found == trackers_.end() ? nullptr : &*found;
}

void TierTrackers::add_status(std::vector<TrackerStatus>& to, TimePoint due) const {
    for (std::size_t i = 0; i < trackers_.size(); ++i) {
        const TierTracker& tracker = trackers_[i];
        TrackerStatus& status = to.emplace_back();
        status.url = printable(tracker.url.text());
        status.working = tracker.working;
        status.last_warning = tracker.last_warning;
        status.seeds = tracker.counts.seeds;
        status.leechers = tracker.counts.leechers;
        if (i == current_) status.next_announce = due;
    }
}

void TierTrackers::add_counts(std::optional<Announcer::Counts>& to) const {
    for (const TierTracker& tracker : trackers_) {
        if (!tracker.working) continue;
        if (!to) to.emplace();
        to->seeds = std::max(to->seeds, tracker.counts.seeds);
        to->leechers = std::max(to->leechers, tracker.counts.leechers);
    }
}

}  // namespace spate::engine
