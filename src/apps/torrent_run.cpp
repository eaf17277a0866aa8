#include "apps/torrent_run.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <csignal>
#include <cstdlib>

#include "apps/command.h"
#include "apps/json_line.h"
#include "base/printable.h"

namespace spate::apps {

using engine::TorrentId;
using engine::TorrentState;

namespace {
constexpr Duration redraw = std::chrono::milliseconds(100);
constexpr Duration between_lags = std::chrono::seconds(1);

Error with_other_place(Error error) {
    const char* const flag = error.is(std::errc::address_not_available) ? "--bind" : "--port";
    error.detail =
        (error.detail.empty() ? error.code.message() : error.detail) + "; " + flag + " names another";
    return error;
}

std::int64_t microseconds(Duration time) {
    return std::chrono::duration_cast<std::chrono::microseconds>(time).count();
}
}  // namespace

TorrentRun::TorrentRun(io_linux::Loop& loop, Settings settings, TorrentTeller& teller)
    : loop_(loop),
      settings_(std::move(settings)),
      teller_(teller),
      log_(teller),
      world_(loop.world()),
      timer_(world_.reactor.make_timer([this] { tick(); })),
      started_(world_.reactor.now()) {
    if (settings_.loop_lag) lag_ = std::make_unique<io::LoopLag>(world_.reactor);
    if (const auto& bind = settings_.session.bind; !bind.is_unspecified()) loop.set_source(bind);
    std::vector<io::World> worlds;
    if (settings_.shards == 1) worlds.push_back(world_);
    for (unsigned i = 0; settings_.shards > 1 && i < settings_.shards; ++i)
        worlds.push_back(threads_.emplace_back(std::make_unique<io_linux::LoopThread>(loop))->world());
    shards_ = std::make_unique<engine::Shards>(world_, worlds, settings_.session, *this, log_);
}

TorrentRun::~TorrentRun() {
    for (auto& thread : threads_) thread->stop();
}

Result<void> TorrentRun::start() {
    std::optional<Result<std::vector<std::uint16_t>>> ports;
    shards_->start([&](Result<std::vector<std::uint16_t>> got) { ports = std::move(got); });
    while (!ports) loop_.run_one(std::chrono::seconds(1));
    if (!*ports) return fail(with_other_place(std::move(ports->error())));
    if ((*ports)->front() == 0)
        teller_.warn("it goes on with peers that can be connected to; --port names another port");
    teller_.tell({{"event", "listening"},
                  {"port", (*ports)->front()},
                  {"ports", boost::json::array((*ports)->begin(), (*ports)->end())}});
    return {};
}

std::optional<TorrentId> TorrentRun::add(engine::AddTorrent torrent) {
    const auto id = shards_->add(std::move(torrent));
    if (!id) {
        failed_ = true;
        teller_.error(id.error());
        return std::nullopt;
    }
    followed_[*id].since = world_.reactor.now();
    return *id;
}

std::vector<TorrentId> TorrentRun::over() const {
    std::vector<TorrentId> ids;
    for (const auto& [id, torrent] : followed_)
        if (torrent.settled && torrent.complete_since) ids.push_back(id);
    return ids;
}

void TorrentRun::release(bool good) {
    --holds_;
    failed_ = failed_ || !good;
    end_if_settled();
}

void TorrentRun::hold(TorrentId id) {
    hold();
    followed_.at(id).held = true;
}

void TorrentRun::release(TorrentId id, bool good) {
    followed_.at(id).held = false;
    release(good);
}

void TorrentRun::leave(TorrentId id) {
    auto& torrent = followed_.at(id);
    torrent.settled = true;
    torrent.last = shards_->status(id);
    torrent.last->state = TorrentState::stopped;
    torrent.last->peers = 0;
    torrent.last->rate_up = torrent.last->rate_down = 0;
    shards_->remove(id);
    teller_.tell({{"event", "state"},
                  {"name", json_text(torrent.last->name)},
                  {"state", engine::name_of(TorrentState::stopped)}});
    if (on_left) on_left(id);
}

int TorrentRun::run() {
    const auto on_signal = [this](int) {
        if (interrupted_) std::_Exit(exit_interrupted);  // the second one does not wait for trackers
        interrupted_ = true;
        if (!settings_.when_interrupted.empty() && !all_complete()) teller_.say(settings_.when_interrupted);
        stop();
    };
    if (const auto watched = loop_.on_signal({SIGINT, SIGTERM}, on_signal); !watched) {
        teller_.error(watched.error());
        return exit_failed;
    }
    tick();
    end_if_settled();
    loop_.run();
    if (lag_) tell_lag(world_.reactor.now());
    teller_.end_of_live_lines();
    if (failed_) return exit_failed;
    return all_complete() ? exit_ok : exit_interrupted;
}

bool TorrentRun::all_complete() const {
    return holds_ == 0 && std::ranges::all_of(followed_, [](const auto& each) {
               return each.second.complete_since.has_value();
           });
}

void TorrentRun::tick() {
    timer_->disarm();
    shards_->look([this] { on_looked(); });
}

void TorrentRun::on_looked() {
    if (stopping_) return;
    const auto now = world_.reactor.now();
    std::vector<TorrentRow> all;
    bool waits = holds_ > 0;
    for (auto& [id, torrent] : followed_) {
        all.push_back({torrent.last ? *torrent.last : shards_->status(id)});
        look_at(torrent, all.back(), now);
        waits = waits || (!torrent.settled && !torrent.complete_since);
    }
    if (more_rows) more_rows(all);
    if (lag_ && now - lag_told_ >= between_lags) tell_lag(now);
    if (waits || !all_settled()) teller_.show(all, now);
    if (waits && settings_.timeout && now - started_ >= *settings_.timeout) return on_time_out();
    end_if_settled();
    if (stopping_) return;
    leave_over();
    timer_->arm(now + redraw);
}

// Whether it is over by now.
void TorrentRun::look_at(Followed& torrent, TorrentRow& row, TimePoint now) const {
    const auto& until = settings_.seed_until;
    if (torrent.complete_since && !torrent.settled &&
        until.reached(row.status.uploaded, row.status.bytes_total, now - *torrent.complete_since)) {
        torrent.settled = true;
        torrent.over = until.limited();
    }
    row.done = torrent.settled;
}

// While others go on.
void TorrentRun::leave_over() {
    for (auto& [id, torrent] : followed_) {
        if (!torrent.over || torrent.held || torrent.last) continue;
        teller_.say(printable(shards_->status(id).name, 200) + ": shared for as long as was asked");
        leave(id);
    }
}

void TorrentRun::tell_lag(TimePoint now) {
    lag_told_ = now;
    const auto& late = lag_->late();
    teller_.tell({{"event", "loop_lag"},
                  {"beats", late.count()},
                  {"p50_us", microseconds(late.at(0.5))},
                  {"p99_us", microseconds(late.at(0.99))},
                  {"max_us", microseconds(late.max())}});
}

void TorrentRun::on_time_out() {
    teller_.error("not complete in time; what came is kept, the same command goes on with it");
    failed_ = true;
    stop();
}

void TorrentRun::end_if_settled() {
    if (!stopping_ && holds_ == 0 && all_settled()) stop();
}

bool TorrentRun::all_settled() const {
    return std::ranges::all_of(followed_, [](const auto& each) { return each.second.settled; });
}

void TorrentRun::stop() {
    if (stopping_) return;
    stopping_ = true;
    timer_->disarm();
    const auto stop_session = [this] { shards_->stop([this] { loop_.stop(); }); };
    before_stop ? before_stop(stop_session) : stop_session();
}

}  // namespace spate::apps
