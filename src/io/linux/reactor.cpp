#include "io/linux/reactor.h"

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <utility>

#include "io/linux/event_context.h"

namespace spate::io_linux {
namespace asio = boost::asio;
using std::chrono::steady_clock;

struct LinuxReactor::Alarm {
    explicit Alarm(EventContext& context) : timer(context.context.get_executor()) {}
    asio::basic_waitable_timer<steady_clock, asio::wait_traits<steady_clock>, asio::io_context::executor_type>
        timer;
};

class LinuxReactor::LinuxTimer final : public io::Timer {
  public:
    LinuxTimer(LinuxReactor& reactor, io::Callback on_due)
        : reactor_(reactor), entry_(std::make_shared<TimerEntry>(std::move(on_due))) {}
    LinuxTimer(const LinuxTimer&) = delete;
    LinuxTimer& operator=(const LinuxTimer&) = delete;
    ~LinuxTimer() override { reactor_.queue_.disarm(*entry_); }
    void arm(TimePoint due) override { reactor_.arm(*entry_, due); }
    void disarm() override { reactor_.queue_.disarm(*entry_); }
    bool armed() const override { return entry_->place != TimerEntry::nowhere; }

  private:
    LinuxReactor& reactor_;
    std::shared_ptr<TimerEntry> entry_;  // shared with run_due(): the callback may destroy its timer
};

LinuxReactor::LinuxReactor(EventContext& context)
    : context_(context), alarm_(std::make_unique<Alarm>(context)) {}
LinuxReactor::~LinuxReactor() = default;

TimePoint LinuxReactor::now() const {
    return TimePoint(steady_clock::now().time_since_epoch());
}

WallTime LinuxReactor::wall_now() const {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return {std::chrono::floor<std::chrono::seconds>(since).count()};
}

std::unique_ptr<io::Timer> LinuxReactor::make_timer(io::Callback on_due) {
    return std::make_unique<LinuxTimer>(*this, std::move(on_due));
}

void LinuxReactor::post(io::Callback work) {
    asio::post(context_.context, std::move(work));
}

void LinuxReactor::arm(TimerEntry& entry, TimePoint due) {
    queue_.arm(entry, due);
    set_alarm();
}

// A deadline that moves later leaves the alarm where it is: it rings once for nothing and is then set anew.
void LinuxReactor::set_alarm() {
    const TimePoint next = queue_.next_due();
    if (next >= alarm_at_) return;
    alarm_at_ = next;
    alarm_->timer.expires_at(steady_clock::time_point(next.time_since_epoch()));
    alarm_->timer.async_wait([this, next](boost::system::error_code) {
        if (alarm_at_ == next) run_due();  // otherwise it was set anew meanwhile
    });
}

void LinuxReactor::run_due() {
    alarm_at_ = never;
    const TimePoint time = now();
    const auto mark = queue_.mark();  // what a callback arms for "now" runs in the next turn
    while (const auto entry = queue_.take_due(time, mark)) entry->on_due();
    set_alarm();
}

}  // namespace spate::io_linux
