#include "piece_store/claims.h"

namespace spate::piece_store {

void Claims::when_saved(Task task) {
    ++asked_;
    tasks_.push_back(std::move(task));
}

std::optional<StoredState> Claims::take_baseline() {
    if (!baseline_) return std::nullopt;
    given_ = baseline_->second;
    return std::exchange(baseline_, std::nullopt)->first;
}

// It is newer than the baseline.
void Claims::given(Mark mark) {
    baseline_.reset();
    given_ = mark;
}

std::vector<Claims::Task> Claims::saved() {
    saved_ = given_;
    failing_ = false;
    if (waiting()) return {};
    return std::exchange(tasks_, {});
}

std::vector<Claims::Task> Claims::not_saved() {
    failing_ = true;
    return std::exchange(tasks_, {});
}

}  // namespace spate::piece_store
