#include "apps/hash_watch.h"

#include <algorithm>
#include <csignal>
#include <fmt/core.h>
#include <thread>

#include "apps/cells.h"
#include "apps/size_text.h"
#include "base/printable.h"
#include "io/linux/terminal.h"

namespace spate::apps {
namespace {

constexpr Duration redraw = std::chrono::milliseconds(100);
constexpr Duration between_lines = std::chrono::seconds(10);
constexpr int bar_width = 24;
constexpr int name_width_min = 10;

}  // namespace

unsigned usable_cores() {
    return std::max(1U, std::thread::hardware_concurrency());
}

HashWatch::HashWatch(io_linux::Loop& loop, HashWatchSettings settings,
                     std::function<creation::Progress()> progress)
    : loop_(loop),
      settings_(std::move(settings)),
      progress_(std::move(progress)),
      lines_(stdout, io_linux::stdout_is_terminal() && !settings_.quiet, io_linux::stdout_width),
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
        if (lines_.terminal()) lines_.draw({line(progress, io_linux::stdout_width())});
        if (!lines_.terminal() && now - said_ >= between_lines) {
            said_ = now;
            lines_.say(line(progress, std::nullopt));
        }
    }
    timer_->arm(now + redraw);
}

std::string HashWatch::line(const creation::Progress& now, std::optional<int> width) const {
    const auto name = printable(settings_.name, 60);
    if (now.phase == creation::Phase::looking) return "looking at " + name;
    if (now.phase == creation::Phase::closing) return "looking at " + name + " again";
    const double part =
        now.bytes_total == 0 ? 1 : static_cast<double>(now.bytes_done) / static_cast<double>(now.bytes_total);
    std::vector<LinePart> words{
        {"hashing " + (width ? cut_to_width(name, std::max(name_width_min, *width / 3)) : name), 0},
        {bar(part, bar_width), 4},
        {fmt::format("{:3.0f} %", part * 100), 0},
        {size_text(now.bytes_done) + " of " + size_text(now.bytes_total), 3}};
    const std::chrono::duration<double> spent = loop_.world().reactor.now() - started_;
    if (now.bytes_done > 0 && spent.count() > 0) {
        const double rate = static_cast<double>(now.bytes_done) / spent.count();
        const std::chrono::duration<double> left{static_cast<double>(now.bytes_total - now.bytes_done) /
                                                 rate};
        words.push_back({rate_text(rate), 2});
        words.push_back({time_text(std::chrono::duration_cast<Duration>(left)) + " left", 1});
    }
    return line_of(words, width);
}

}  // namespace spate::apps
