// ManualReactor and ManualPool: the seam's clock, timers and pool in a test's hands. Nothing happens until
// the test says so; pool jobs run in the order submitted, inside run_job().
#pragma once

#include <algorithm>
#include <deque>
#include <iterator>
#include <memory>
#include <set>
#include <utility>

#include "io/reactor.h"
#include "io/work_pool.h"

namespace spate::testing {

class ManualReactor final : public io::Reactor {
  public:
    TimePoint now() const override { return now_; }
    WallTime wall_now() const override { return wall_; }
    std::unique_ptr<io::Timer> make_timer(io::Callback on_due) override {
        return std::make_unique<ManualTimer>(*this, std::move(on_due));
    }
    void post(io::Callback work) override { posted_.push_back(std::move(work)); }

    // Everything posted so far and what that posts.
    void run_posted() {
        while (!posted_.empty()) {
            auto work = std::move(posted_.front());
            posted_.pop_front();
            work();
        }
    }
    // Moves both clocks and runs the timers that come due, in order.
    void advance(Duration length) {
        const auto end = now_ + length;
        const auto wall_start = wall_.unix_seconds;
        const auto start = now_;
        const auto set_clock = [&](TimePoint now) {
            now_ = now;
            const auto passed = std::chrono::duration_cast<std::chrono::seconds>(now - start);
            wall_.unix_seconds = wall_start + passed.count();
        };
        while (!armed_.empty() && (*armed_.begin())->due <= end) {
            auto* timer = *armed_.begin();
            set_clock(std::max(now_, timer->due));
            timer->disarm();
            timer->on_due();
        }
        set_clock(std::max(now_, end));
    }
    // From inside a callback: it took that long.
    void stand_still(Duration length) { now_ += length; }
    void set_wall(std::int64_t unix_seconds) { wall_.unix_seconds = unix_seconds; }

  private:
    struct ManualTimer final : io::Timer {
        ManualTimer(ManualReactor& r, io::Callback callback) : reactor(r), on_due(std::move(callback)) {}
        ~ManualTimer() override { disarm(); }
        void arm(TimePoint at) override {
            disarm();
            due = at;
            reactor.armed_.insert(this);
            is_armed = true;
        }
        void disarm() override {
            if (is_armed) reactor.armed_.erase(this);
            is_armed = false;
        }
        bool armed() const override { return is_armed; }
        ManualReactor& reactor;
        io::Callback on_due;
        TimePoint due = never;
        bool is_armed = false;
    };
    struct Earlier {
        bool operator()(const ManualTimer* a, const ManualTimer* b) const {
            return std::pair(a->due, a) < std::pair(b->due, b);
        }
    };

    TimePoint now_{};
    WallTime wall_{1'700'000'000};
    std::deque<io::Callback> posted_;
    std::set<ManualTimer*, Earlier> armed_;
};

class ManualPool final : public io::WorkPool {
  public:
    explicit ManualPool(ManualReactor& reactor) : reactor_(reactor) {}
    void submit(io::Callback job, io::Callback on_done) override {
        jobs_.emplace_back(std::move(job), std::move(on_done));
    }
    std::size_t waiting() const { return jobs_.size(); }
    // The job submitted last takes long: others pass it, until finish_slow().
    void last_is_slow() {
        slow_.push_back(std::move(jobs_.back()));
        jobs_.pop_back();
    }
    void finish_slow() {
        std::ranges::move(slow_, std::back_inserter(jobs_));
        slow_.clear();
    }
    // The next job; its completion is posted.
    bool run_job() {
        if (jobs_.empty()) return false;
        reactor_.post(run_one());
        return true;
    }
    // One of those that wait; its completion is for the caller to run when it is due, and until then the job
    // keeps what it owns.
    io::Callback run_one(std::size_t which = 0) {
        auto [job, on_done] = std::move(jobs_.at(which));
        jobs_.erase(jobs_.begin() + static_cast<std::ptrdiff_t>(which));
        job();
        return [job = std::move(job), on_done = std::move(on_done)]() mutable {
            job = nullptr;
            on_done();
        };
    }
    // Until nothing is left to do without the clock moving.
    void settle() {
        do {
            reactor_.run_posted();
        } while (run_job());
        reactor_.run_posted();
    }

  private:
    ManualReactor& reactor_;
    using Job = std::pair<io::Callback, io::Callback>;
    std::deque<Job> jobs_;
    std::deque<Job> slow_;
};

}  // namespace spate::testing
