// TorrentRun: torrents as a running program: what happens is told, a torrent that is complete stays shared
// for as long as was asked, and when none has anything left to do, or after a signal, all is stopped in
// order. They live on the loop's own thread, or with several shards on threads of theirs.
// Thread: the loop's. Owner: a command, which must outlive no callback it sets here.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/seed_until.h"
#include "apps/torrent_teller.h"
#include "base/log.h"
#include "engine/shards.h"
#include "io/linux/loop_thread.h"
#include "io/loop_lag.h"

namespace spate::apps {

// What a person may do about an error of a download, to be put behind it; often nothing.
std::string what_to_do(const Error& error);

class TorrentRun final : public engine::SessionEvents {
  public:
    struct Settings {
        engine::SessionOptions session;
        SeedUntil seed_until;
        std::optional<Duration> timeout;  // to complete
        bool loop_lag = false;            // measured, and told with JSON
        std::string when_interrupted;     // said when it ends before it is complete
        std::string when_changed;         // what can be done about files that were complete and are not
        unsigned shards = 1;
    };

    TorrentRun(io_linux::Loop& loop, Settings settings, TorrentTeller& teller);
    ~TorrentRun() override;

    // Listens.
    Result<void> start();
    // Nothing: refused, and told.
    std::optional<engine::TorrentId> add(engine::AddTorrent torrent);
    // Something outside the session is under way: it does not end before release(). May be nested.
    void hold() { ++holds_; }
    // good: what it was about worked; otherwise it was told and the exit code says so.
    void release(bool good);
    // The same about one torrent, which is shared until then, however long that was asked for. Not nested.
    void hold(engine::TorrentId id);
    void release(engine::TorrentId id, bool good);
    // That torrent ends, the others go on.
    void leave(engine::TorrentId id);

    // Called each time a torrent is complete; when one that was is not any more; when one has ended while
    // others go on.
    std::function<void(engine::TorrentId)> on_complete;
    std::function<void(engine::TorrentId)> on_lost;
    std::function<void(engine::TorrentId)> on_left;
    // Adds what else is to be shown.
    std::function<void(std::vector<TorrentRow>&)> more_rows;
    // Ends what else is under way, then calls back; the session is stopped afterwards.
    std::function<void(io::Callback)> before_stop;

    engine::Shards& torrents() { return *shards_; }
    // Torrents that are complete and were shared for as long as was asked.
    std::vector<engine::TorrentId> over() const;
    // Torrents that ended because a file of somebody else is in their place.
    const std::vector<engine::TorrentId>& in_the_way() const { return in_the_way_; }
    // Until all is done; the exit code.
    int run();

  private:
    struct Followed {
        TimePoint since;
        std::optional<TimePoint> complete_since;
        bool settled = false;                       // nothing left to do
        bool held = false;                          // by something outside the session
        bool over = false;                          // it was shared for as long as a person said
        std::optional<engine::TorrentStatus> last;  // it has left the session
        bool waits = false;                         // for its disk, and that was told
        bool lost = false;                          // it was complete, and is not for now
    };

    // torrent_run_events.cpp
    void on_metainfo(engine::TorrentId id, const metainfo::Metainfo& torrent) override;
    void on_state(engine::TorrentId id, engine::TorrentState state) override;
    void tell_wait(engine::TorrentId id, Followed& torrent, engine::TorrentState state);
    void on_finished(engine::TorrentId id) override;
    void on_error(engine::TorrentId id, const Error& error) override;
    void on_warning(engine::TorrentId id, const std::string& text) override;

    void tick();
    void look_at(Followed& torrent, TorrentRow& row, TimePoint now) const;
    void leave_over();
    void on_time_out();
    void tell_lag(TimePoint now);
    void on_looked();
    bool all_complete() const;
    bool all_settled() const;
    void end_if_settled();
    void stop();

    // The session's own warnings, as the torrents'.
    class TellingLog final : public Log {
      public:
        explicit TellingLog(TorrentTeller& teller) : teller_(teller) {}
        void write(LogLevel level, std::string_view text) override;

      private:
        TorrentTeller& teller_;
    };

    io_linux::Loop& loop_;
    const Settings settings_;
    TorrentTeller& teller_;
    TellingLog log_;
    io::World world_;
    std::vector<std::unique_ptr<io_linux::LoopThread>> threads_;  // of several shards
    std::unique_ptr<engine::Shards> shards_;
    std::map<engine::TorrentId, Followed> followed_;
    std::vector<engine::TorrentId> in_the_way_;
    std::unique_ptr<io::Timer> timer_;
    std::unique_ptr<io::LoopLag> lag_;  // null: not measured
    TimePoint lag_told_{};
    TimePoint started_;
    int holds_ = 0;
    bool failed_ = false;
    bool interrupted_ = false;
    bool stopping_ = false;
};

}  // namespace spate::apps
