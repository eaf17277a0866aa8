#include "sim/disk_calls.h"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace spate::sim {

void DiskCalls::before(std::uint64_t number, std::function<void()> action) {
    actions_[count_ + number] = std::move(action);
}

PerMillion DiskCalls::error_rate(DiskCall call) const {
    if (call == DiskCall::read) return faults_.read_error;
    if (call == DiskCall::write) return faults_.write_error;
    if (call == DiskCall::sync) return faults_.sync_error;
    if (call == DiskCall::change) return faults_.change_error;
    return 0;
}

Result<void> DiskCalls::begin(Life& life, DiskCall call, const std::string& operation,
                              const std::string& path) {
    ++count_;
    if (life.alive()) simulation_.record(life.name(), operation, {count_});
    if (auto action = actions_.extract(count_)) action.mapped()();
    if (!life.alive()) return fail(Error::system(EIO, operation, path));
    const bool reads = call == DiskCall::read || call == DiskCall::info || call == DiskCall::list;
    const auto longest = call == DiskCall::sync ? latency_.sync_max
                         : reads                ? latency_.read_max
                                                : latency_.write_max;
    life.charge(simulation_.between(Duration::zero(), longest * static_cast<std::int64_t>(faults_.slowdown)));
    if (simulation_.chance(error_rate(call))) {
        simulation_.mark("EIO from " + operation);
        if (call == DiskCall::sync) {
            std::erase_if(losing_, [](const auto& job) { return job.expired(); });
            losing_.push_back(life.untold_job());
        }
        return fail(Error::system(EIO, operation, path));
    }
    if (faults_.read_only && (call == DiskCall::write || call == DiskCall::change))
        return fail(Error::system(EROFS, operation, path));
    return {};
}

bool DiskCalls::is_losing() const {
    return std::ranges::any_of(losing_, [](const auto& job) { return !job.expired(); });
}

}  // namespace spate::sim
