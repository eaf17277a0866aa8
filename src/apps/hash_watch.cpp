#include "apps/hash_watch.h"

#include <algorithm>
#include <csignal>
#include <fmt/core.h>
#include <thread>

#include "apps/size_text.h"
#include "base/printable.h"
#include "io/linux/terminal.h"

namespace spate::apps {
namespace {

constexpr Duration redraw = std::chrono::milliseconds(100);
constexpr Duration between_lines = std::chrono::seconds(10);
constexpr int bar_width = 24;

}  // namespace

unsigned usable_cores() {
    return std::max(1U, std::thread::hardware_concurrency());
}

HashWatch::HashWatch(io_linux::Loop& loop, HashWatchSettings settings,
                     std::function<creation::Progress()> progress)
    : loop_(loop),
      settings_(std::move(settings)),
      progress_(std::move(progress)),
      lines_(stdout, io_linux::stdout_is_terminal() && !settings_.quiet, io_linux::stdout_width()),
      timer_(loop.world().reactor.make_timer([this] { tick(); })),
      started_(loop.world().reactor.now()),
      said_(started_) {}

bool HashWatch::run() {
    const auto stop = [this](int) {
        interrupted_ = true;
        loop_.stop();
    };
    if (auto watching = loop_.on_signal({SIGINT, SIGTERM}, stop); !watching)
        fmt::print(stderr, "spate: {}\n", watching.error().message());
    if (!finished_) tick();
    if (!finished_) loop_.run();
    timer_->disarm();
    lines_.draw({});
    return finished_ && !interrupted_;
}

void HashWatch::done() {
    finished_ = true;
    loop_.stop();
}

void HashWatch::tick() {
    const auto now = loop_.world().reactor.now();
    if (!settings_.quiet) {
        const auto progress = progress_();
        lines_.draw({line(progress)});
        if (!lines_.terminal() && now - said_ >= between_lines) {
            said_ = now;
            lines_.say(line(progress));
        }
    }
    timer_->arm(now + redraw);
}

std::string HashWatch::line(const creation::Progress& now) const {
    const auto name = printable(settings_.name, 60);
    if (now.phase == creation::Phase::looking) return "looking at " + name;
    if (now.phase == creation::Phase::closing) return "looking at " + name + " again";
    const double part =
        now.bytes_total == 0 ? 1 : static_cast<double>(now.bytes_done) / static_cast<double>(now.bytes_total);
    const std::chrono::duration<double> spent = loop_.world().reactor.now() - started_;
    const double rate = spent.count() > 0 ? static_cast<double>(now.bytes_done) / spent.count() : 0;
    auto text = fmt::format("hashing {}  {} {:3.0f} %  {} of {}", name, bar(part, bar_width), part * 100,
                            size_text(now.bytes_done), size_text(now.bytes_total));
    if (now.bytes_done == 0) return text;
    const std::chrono::duration<double> left{static_cast<double>(now.bytes_total - now.bytes_done) / rate};
    return text + fmt::format("  {}  {} left", rate_text(rate),
                              time_text(std::chrono::duration_cast<Duration>(left)));
}

}  // namespace spate::apps
