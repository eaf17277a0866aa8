// TorrentRun: what it hears of its torrents, and tells.
#include <utility>

#include "apps/json_line.h"
#include "apps/size_text.h"
#include "apps/torrent_run.h"
#include "base/printable.h"

namespace spate::apps {

using engine::TorrentId;
using engine::TorrentState;

std::string what_to_do(const Error& error) {
    if (error.is(std::errc::file_exists))
        return "; move it away, choose another folder with -o, or replace it with --overwrite";
    if (error.is(std::errc::too_many_symbolic_link_levels) || error.is(std::errc::is_a_directory) ||
        error.is(std::errc::not_a_directory))
        return "; move it away, or choose another folder with -o";
    if (error.is(std::errc::no_space_on_device)) return "; when there is room the same command goes on";
    return {};
}

void TorrentRun::TellingLog::write(LogLevel level, std::string_view text) {
    if (level >= LogLevel::warning) teller_.warn(std::string(text));
}

void TorrentRun::on_metainfo(TorrentId id, const metainfo::Metainfo& torrent) {
    teller_.say(printable(torrent.info.name, 200) + ": " + size_text(torrent.info.layout.total_size()) +
                ", as its peers say");
    teller_.tell({{"event", "metainfo"},
                  {"name", json_text(torrent.info.name)},
                  {"size", torrent.info.layout.total_size()},
                  {"pieces", torrent.info.layout.piece_count()}});
    (void)id;
}

void TorrentRun::on_state(TorrentId id, TorrentState state) {
    teller_.tell({{"event", "state"},
                  {"name", json_text(shards_->status(id).name)},
                  {"state", engine::name_of(state)}});
    const auto found = followed_.find(id);
    if (found == followed_.end() || stopping_) return;
    auto& torrent = found->second;
    const bool is_less = state == TorrentState::waiting || state == TorrentState::downloading;
    if (is_less && torrent.complete_since && !std::exchange(torrent.lost, true) && on_lost) on_lost(id);
    tell_wait(id, torrent, state);
}

void TorrentRun::tell_wait(TorrentId id, Followed& torrent, TorrentState state) {
    const bool waits = state == TorrentState::waiting;
    if (std::exchange(torrent.waits, waits) == waits) return;
    const auto status = shards_->status(id);
    const auto name = printable(status.name, 200);
    if (waits && status.error)
        teller_.warn(name + ": " + printable(status.error->message(), 2000) + "; " +
                     (torrent.lost && !settings_.when_changed.empty() ? settings_.when_changed
                                                                      : "it waits, and goes on by itself"));
    else if (!waits && state != TorrentState::failed && state != TorrentState::stopped)
        teller_.say(name + ": the disk is well again, it goes on");
}

void TorrentRun::on_finished(TorrentId id) {
    const auto found = followed_.find(id);
    if (found == followed_.end() || stopping_) return;
    if (found->second.complete_since) {
        if (std::exchange(found->second.lost, false) && on_complete) on_complete(id);
        return;
    }
    const auto now = world_.reactor.now();
    found->second.complete_since = now;
    const auto status = shards_->status(id);
    const auto took = now - found->second.since;
    const std::chrono::duration<double> seconds = took;
    teller_.tell({{"event", "finished"},
                  {"name", json_text(status.name)},
                  {"size", status.bytes_total},
                  {"downloaded", status.downloaded},
                  {"wasted", status.wasted},
                  {"seconds", seconds.count()}});
    teller_.say(complete_line(status, took));
    if (on_complete) on_complete(id);
    tick();
}

void TorrentRun::on_error(TorrentId id, const Error& error) {
    failed_ = true;
    if (const auto found = followed_.find(id); found != followed_.end()) found->second.settled = true;
    if (error.is(std::errc::file_exists)) in_the_way_.push_back(id);
    teller_.error(printable(shards_->status(id).name, 200) + ": " +
                  printable(error.message() + what_to_do(error), 2000));
    end_if_settled();
}

void TorrentRun::on_warning(TorrentId id, const std::string& text) {
    teller_.warn(printable(shards_->status(id).name, 200) + ": " + text);
}

}  // namespace spate::apps
