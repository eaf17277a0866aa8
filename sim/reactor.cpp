#include "sim/reactor.h"

#include <optional>

namespace spate::sim {

namespace {

class SimTimer final : public io::Timer {
  public:
    SimTimer(std::shared_ptr<TimerQueue> queue, io::Callback on_due)
        : queue_(std::move(queue)), on_due_(std::make_shared<io::Callback>(std::move(on_due))) {}
    ~SimTimer() override { SimTimer::disarm(); }
    SimTimer(const SimTimer&) = delete;
    SimTimer& operator=(const SimTimer&) = delete;

    void arm(TimePoint due) override {
        disarm();
        key_ = queue_->add(due, [this] { fire(); });
    }
    void disarm() override {
        if (const auto key = std::exchange(key_, std::nullopt)) queue_->remove(*key);
    }
    bool armed() const override { return key_.has_value(); }

  private:
    void fire() {
        key_.reset();
        const auto on_due = on_due_;  // the timer may die inside
        (*on_due)();
    }
    std::shared_ptr<TimerQueue> queue_;
    std::shared_ptr<io::Callback> on_due_;
    std::optional<TimerQueue::Key> key_;
};

}  // namespace

TimerQueue::Key TimerQueue::add(TimePoint due, Fire fire) {
    const Key key{due, ++armed_count_};
    timers_.emplace(key, std::move(fire));
    expect_first();
    return key;
}

void TimerQueue::remove(const Key& key) {
    timers_.erase(key);
    expect_first();
}

void TimerQueue::expect_first() {
    const auto due = timers_.empty() ? never : timers_.begin()->first.first;
    if (due == never) return event_.cancel();
    if (event_.pending() && expected_ == due) return;
    expected_ = due;
    // A turn takes time: one that is due already lets other work in between.
    const bool late = due <= life_->simulation().now();
    event_ = late ? life_->schedule_soon([this] { fire_first(); })
                  : life_->schedule(due, [this] { fire_first(); });
}

void TimerQueue::fire_first() {
    auto first = timers_.extract(timers_.begin());
    life_->simulation().record(life_->name(), "timer", {});
    expect_first();
    first.mapped()();
}

SimReactor::SimReactor(std::shared_ptr<Life> life, WallClock wall_clock)
    : life_(std::move(life)),
      wall_clock_(std::move(wall_clock)),
      timers_(std::make_shared<TimerQueue>(life_)) {}

std::unique_ptr<io::Timer> SimReactor::make_timer(io::Callback on_due) {
    return std::make_unique<SimTimer>(timers_, std::move(on_due));
}

void SimReactor::post(io::Callback work) {
    posted_.push_back(std::move(work));
    if (!turn_.pending()) turn_ = life_->schedule_soon([this] { run_first(); });
}

void SimReactor::run_first() {
    auto work = std::move(posted_.front());
    posted_.pop_front();
    if (!posted_.empty()) turn_ = life_->schedule_soon([this] { run_first(); });
    work();
}

}  // namespace spate::sim
