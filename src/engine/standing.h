// Standing: how a torrent stands for who watches the session: its state, whether it is complete, what went
// wrong. It says what of that is news, so that each thing is told once. Pure. Owner: SessionTorrent. Thread:
// the reactor's.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "engine/torrent_status.h"

namespace spate::engine {

class Standing {
  public:
    // One that wakes up was seeding all the time to others; one that is opened again is news.
    bool is_news(TorrentState state) const {
        if (state == TorrentState::opening) return state_ != TorrentState::seeding;
        return state != state_;
    }
    // True: it was complete, and is no more.
    bool enter(TorrentState state) {
        state_ = state;
        return state != TorrentState::seeding && std::exchange(complete_, false);
    }

    enum class Complete : std::uint8_t { known, first, again };
    // All that is wanted is there: how new that is.
    Complete on_complete() {
        if (std::exchange(complete_, true)) return Complete::known;
        return std::exchange(was_complete_, true) ? Complete::again : Complete::first;
    }

    void fail(const Error& error) { error_ = std::make_unique<Error>(error); }
    // A tracker's words; empty: no more.
    void set_warning(std::string text) { warning_ = std::move(text); }

    void fill(TorrentStatus& status) const {
        status.state = state_;
        if (error_) status.error = *error_;
        status.tracker_warning = warning_;
    }

  private:
    std::unique_ptr<Error> error_;
    std::string warning_;
    TorrentState state_ = TorrentState::opening;
    bool complete_ = false;      // and that was told
    bool was_complete_ = false;  // at any time
};

}  // namespace spate::engine
