#include "tracker/possession_checker.h"

#include <algorithm>
#include <utility>

#include "tracker/possession_check.h"

namespace spate::tracker {

PossessionChecker::PossessionChecker(io::World world, const PossessionOptions& options)
    : world_(world), options_(options), rng_(world.random.next_u64()) {}

PossessionChecker::~PossessionChecker() = default;

void PossessionChecker::check(const classic::CreateTracker& request, const Address& from,
                              OnFinding on_finding) {
    const auto id = next_id_++;
    auto ended = [this, id, done = std::move(on_finding)](Finding finding) mutable {
        auto tell = std::move(done);
        finished(id);  // destroys the check
        tell(std::move(finding));
    };
    auto check = std::make_unique<PossessionCheck>(world_, options_, request, from, rng_, std::move(ended));
    const auto source = from.source();
    auto& row = checks_.emplace(id, Row{std::move(check), source, false}).first->second;
    auto& share = by_source_[source];
    ++share.waiting;
    if (waiting_.size() >= options_.waiting_max || share.waiting > options_.waiting_per_source_max) {
        return row.check->give_up_soon("too many checks are waiting");
    }
    waiting_.push_back(id);
    start_next();
}

void PossessionChecker::start_next() {
    // In order of arrival, but nobody waits for a source that has its share running already.
    for (auto it = waiting_.begin(); it != waiting_.end() && running_ < options_.running_max;) {
        auto& row = checks_.at(*it);
        auto& share = by_source_.at(row.source);
        if (share.running >= options_.running_per_source_max) {
            ++it;
            continue;
        }
        --share.waiting;
        ++share.running;
        ++running_;
        row.running = true;
        it = waiting_.erase(it);
        row.check->start();
    }
}

void PossessionChecker::finished(std::uint64_t id) {
    const auto row = checks_.find(id);
    const auto share = by_source_.find(row->second.source);
    if (row->second.running) {
        --running_;
        --share->second.running;
    } else {
        --share->second.waiting;
        std::erase(waiting_, id);
    }
    if (share->second.running + share->second.waiting == 0) by_source_.erase(share);
    checks_.erase(row);
    start_next();
}

}  // namespace spate::tracker
