#include "catalogue/change_queue.h"

#include <algorithm>
#include <utility>

namespace spate::catalogue {

struct ChangeQueue::Batch {
    struct Answered {
        OnDone on_done;
        Outcome outcome;
    };
    std::shared_ptr<Disk> disk;
    Changes changes;
    std::vector<Answered> answers;
    Result<void> result;

    void answer_all() {
        for (auto& [on_done, outcome] : answers) on_done(outcome);
    }
};

struct ChangeQueue::Load {
    std::shared_ptr<Disk> disk;
    Result<Catalogue> result;
};

ChangeQueue::ChangeQueue(io::Reactor& reactor, io::WorkPool& pool, Log& log, const Limits& limits,
                         Catalogue& catalogue, std::shared_ptr<Disk> disk, Observer& observer)
    : reactor_(reactor),
      pool_(pool),
      log_(log),
      limits_(limits),
      catalogue_(catalogue),
      disk_(std::move(disk)),
      observer_(observer),
      timer_(reactor.make_timer([this] { start_loading(); })),
      self_(std::make_shared<ChangeQueue*>(this)) {}

ChangeQueue::~ChangeQueue() = default;

void ChangeQueue::answer(OnDone on_done, Outcome outcome) {
    reactor_.post([on_done = std::move(on_done), outcome = std::move(outcome),
                   still_there = std::weak_ptr<ChangeQueue*>(self_)]() mutable {
        if (still_there.lock()) on_done(outcome);
    });
}

void ChangeQueue::submit(Plan plan, OnDone on_done) {
    if (state_ == State::resting) {
        ++failed_;
        return answer(std::move(on_done), {Answer::fail, "the disk does not take changes: " + last_error_});
    }
    if (waiting_.size() >= limits_.queued_changes) {
        return answer(std::move(on_done), {Answer::fail, "too many changes wait for the disk"});
    }
    waiting_.push_back({std::move(plan), std::move(on_done)});
    if (state_ == State::idle) start_batch();
}

void ChangeQueue::start_batch() {
    auto batch = std::make_shared<Batch>();
    batch->disk = disk_;
    const auto count = std::min(waiting_.size(), limits_.changes_per_batch);
    Draft draft(catalogue_, limits_, reactor_.wall_now());
    for (std::size_t i = 0; i < count; ++i) {
        batch->answers.push_back({std::move(waiting_[i].on_done), waiting_[i].plan(draft)});
    }
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
    batch->changes = draft.take();
    state_ = State::storing;
    pool_.submit(
        [batch] {
            if (!batch->changes.empty()) batch->result = batch->disk->commit(batch->changes);
        },
        [batch, still_there = std::weak_ptr<ChangeQueue*>(self_)] {
            if (const auto self = still_there.lock()) (*self)->on_stored(*batch);
        });
}

void ChangeQueue::on_stored(Batch& batch) {
    ++batches_;
    if (!batch.result) {
        failed_ += batch.answers.size();
        for (auto& answered : batch.answers)
            answered.outcome = {Answer::fail, batch.result.error().message()};
        after_failure(batch.result.error());
    } else {
        if (!batch.changes.empty()) failures_ = 0;
        stored_ += batch.answers.size();
        catalogue_.adopt(batch.changes, limits_.removed_names);
        observer_.on_adopted(batch.changes);
        state_ = State::idle;
        if (!waiting_.empty()) start_batch();
    }
    batch.answer_all();
}

void ChangeQueue::after_failure(const Error& error) {
    last_error_ = error.message();
    if (failures_++ == 0) {
        log_.error("the catalogue could not be stored: " + last_error_);
        start_loading();
    } else {
        rest();
    }
}

void ChangeQueue::start_loading() {
    state_ = State::loading;
    auto load = std::make_shared<Load>();
    load->disk = disk_;
    pool_.submit([load] { load->result = load->disk->reopen(); },
                 [load, still_there = std::weak_ptr<ChangeQueue*>(self_)] {
                     if (const auto self = still_there.lock()) (*self)->on_loaded(*load);
                 });
}

void ChangeQueue::on_loaded(Load& load) {
    if (!load.result) return after_failure(load.result.error());
    log_.info("the catalogue was read again from the disk");
    catalogue_ = std::move(*load.result);
    observer_.on_reloaded();
    state_ = State::idle;
    if (!waiting_.empty()) start_batch();
}

void ChangeQueue::rest() {
    state_ = State::resting;
    fail_waiting("the disk does not take changes: " + last_error_);
    const auto doublings = std::min<std::uint32_t>(failures_, 10);
    timer_->arm(reactor_.now() + std::min(rest_min * (std::int64_t{1} << doublings), rest_max));
}

void ChangeQueue::fail_waiting(const std::string& reason) {
    failed_ += waiting_.size();
    for (auto& request : std::exchange(waiting_, {}))
        answer(std::move(request.on_done), {Answer::fail, reason});
}

}  // namespace spate::catalogue
