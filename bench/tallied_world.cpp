#include "bench/tallied_world.h"

#include <utility>

namespace spate {
namespace {

// Work that the world does for the program: charged to it, one wakeup.
io::Callback charged(io::Callback work, Tally& tally) {
    return [work = std::move(work), &tally]() mutable {
        const Charge charge(&tally);
        ++tally.wakeups;
        work();
    };
}

class TalliedTimer final : public io::Timer {
  public:
    explicit TalliedTimer(std::unique_ptr<io::Timer> inner) : inner_(std::move(inner)) {}
    void arm(TimePoint due) override {
        const Charge charge(nullptr);
        inner_->arm(due);
    }
    void disarm() override {
        const Charge charge(nullptr);
        inner_->disarm();
    }
    bool armed() const override { return inner_->armed(); }

  private:
    std::unique_ptr<io::Timer> inner_;
};

class TalliedStream final : public io::Stream, private io::StreamHandler {
  public:
    TalliedStream(std::unique_ptr<io::Stream> inner, Tally& tally) : inner_(std::move(inner)), tally_(tally) {
        inner_->set_handler(*this);
    }
    void set_handler(io::StreamHandler& handler) override { handler_ = &handler; }
    void wait_readable() override {
        const Charge charge(nullptr);
        inner_->wait_readable();
    }
    void wait_writable() override {
        const Charge charge(nullptr);
        inner_->wait_writable();
    }
    Result<io::Transfer> read(MutableBytes into) override {
        const Charge charge(nullptr);
        ++tally_.reads;
        return inner_->read(into);
    }
    Result<io::Transfer> write(std::span<const Bytes> parts) override {
        const Charge charge(nullptr);
        ++tally_.writes;
        return inner_->write(parts);
    }
    void limit_unsent(std::size_t bytes) override { inner_->limit_unsent(bytes); }
    std::size_t unconfirmed() const override { return inner_->unconfirmed(); }
    void shutdown_write() override { inner_->shutdown_write(); }
    void abort() override { inner_->abort(); }
    Endpoint local() const override { return inner_->local(); }
    Endpoint remote() const override { return inner_->remote(); }

  private:
    void on_readable() override {
        const Charge charge(&tally_);
        ++tally_.wakeups;
        handler_->on_readable();
    }
    void on_writable() override {
        const Charge charge(&tally_);
        ++tally_.wakeups;
        handler_->on_writable();
    }

    std::unique_ptr<io::Stream> inner_;
    Tally& tally_;
    io::StreamHandler* handler_ = nullptr;
};

}  // namespace

std::unique_ptr<io::Timer> TalliedReactor::make_timer(io::Callback on_due) {
    auto work = charged(std::move(on_due), tally_);
    const Charge charge(nullptr);
    return std::make_unique<TalliedTimer>(inner_.make_timer(std::move(work)));
}

void TalliedReactor::post(io::Callback work) {
    const Charge charge(nullptr);
    inner_.post(charged(std::move(work), tally_));
}

void TalliedPool::submit(io::Callback job, io::Callback on_done) {
    const Charge charge(nullptr);
    ++tally_.jobs;
    inner_.submit(
        [job = std::move(job), &tally = tally_]() mutable {
            const Charge own(&tally);
            job();
        },
        charged(std::move(on_done), tally_));
}

sim::StreamWrapper tallied(Tally& tally) {
    return {[&tally](std::unique_ptr<io::Stream> stream) -> std::unique_ptr<io::Stream> {
                return std::make_unique<TalliedStream>(std::move(stream), tally);
            },
            [&tally](const std::function<void()>& run) {
                const Charge charge(&tally);
                ++tally.wakeups;
                run();
            }};
}

}  // namespace spate
