#include "sim/reactor.h"

namespace spate::sim {

namespace {

class SimTimer final : public io::Timer {
  public:
    SimTimer(std::shared_ptr<Life> life, io::Callback on_due)
        : life_(std::move(life)), on_due_(std::make_shared<io::Callback>(std::move(on_due))) {}

    void arm(TimePoint due) override {
        armed_ = true;
        event_.cancel();
        if (due != never) event_ = life_->schedule(due, [this] { fire(); });
    }
    void disarm() override {
        armed_ = false;
        event_.cancel();
    }
    bool armed() const override { return armed_; }

  private:
    void fire() {
        armed_ = false;
        life_->simulation().record(life_->name(), "timer", {});
        const auto on_due = on_due_;  // the timer may die inside
        (*on_due)();
    }
    std::shared_ptr<Life> life_;
    std::shared_ptr<io::Callback> on_due_;
    bool armed_ = false;
    ScheduledEvent event_;
};

}  // namespace

SimReactor::SimReactor(std::shared_ptr<Life> life, WallClock wall_clock)
    : life_(std::move(life)), wall_clock_(std::move(wall_clock)) {}

std::unique_ptr<io::Timer> SimReactor::make_timer(io::Callback on_due) {
    return std::make_unique<SimTimer>(life_, std::move(on_due));
}

void SimReactor::post(io::Callback work) {
    posted_.push_back(std::move(work));
    if (!turn_.pending()) turn_ = life_->schedule_soon([this] { run_first(); });
}

void SimReactor::run_first() {
    if (posted_.empty()) return;
    auto work = std::move(posted_.front());
    posted_.pop_front();
    if (!posted_.empty()) turn_ = life_->schedule_soon([this] { run_first(); });
    work();
}

}  // namespace spate::sim
