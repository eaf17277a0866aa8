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
    auto& row = checks_.emplace(id, Row{std::move(check), from.unmapped(), false}).first->second;
    if (waiting_.size() < options_.waiting_max) {
        waiting_.push_back(id);
        start_next();
    } else {
        row.check->give_up_soon("too many checks are waiting");
    }
}

void PossessionChecker::start_next() {
    // In order of arrival, but nobody waits for an address that has its share running already.
    for (auto it = waiting_.begin(); it != waiting_.end() && running_ < options_.running_max;) {
        auto& row = checks_.at(*it);
        auto& running_here = running_by_address_[row.from];
        if (running_here >= options_.running_per_address_max) {
            ++it;
            continue;
        }
        ++running_here;
        ++running_;
        row.running = true;
        it = waiting_.erase(it);
        row.check->start();
    }
}

void PossessionChecker::finished(std::uint64_t id) {
    const auto row = checks_.find(id);
    if (row->second.running) {
        --running_;
        const auto here = running_by_address_.find(row->second.from);
        if (--here->second == 0) running_by_address_.erase(here);
    } else {
        std::erase(waiting_, id);
    }
    checks_.erase(row);
    start_next();
}

}  // namespace spate::tracker
