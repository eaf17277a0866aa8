#include "apps/torrent_teller.h"

#include <algorithm>
#include <cstdio>
#include <fmt/format.h>

#include "apps/complaint.h"
#include "apps/json_line.h"
#include "base/printable.h"
#include "io/linux/terminal.h"

namespace spate::apps {

using engine::TorrentState;
using engine::TorrentStatus;

namespace {

constexpr Duration between_progress_events = std::chrono::seconds(1);
constexpr Duration between_tenths = std::chrono::seconds(1);
constexpr Duration between_lines = std::chrono::minutes(1);
constexpr Duration first_silence = std::chrono::seconds(3);  // then it is told what is waited for

// For machines; null: no tracker answers.
boost::json::value count(const std::optional<std::uint32_t>& count) {
    return count ? boost::json::value(*count) : boost::json::value();
}

// Who has all of it, as far as trackers and peers tell; we too, once we have. A peer shows us what it has
// bit by bit, a tracker may lag behind or be none.
std::uint32_t seeds_of(const TorrentStatus& status) {
    const bool we = status.complete() && status.pieces_have == status.pieces_total;
    return std::max(status.tracker_seeds.value_or(0), status.seeds + (we ? 1 : 0));
}

}  // namespace

TorrentTeller::TorrentTeller(Telling telling, std::string program, io_linux::LineWriter& out)
    : telling_(telling),
      program_(std::move(program)),
      out_(out),
      lines_(stdout, telling == Telling::plain && io_linux::stdout_is_terminal(), io_linux::stdout_width) {}

void TorrentTeller::say(const std::string& line) {
    if (telling_ != Telling::plain) return;
    lines_.terminal() ? lines_.say(line) : out_.write(line);
}

void TorrentTeller::tell(const boost::json::object& event) {
    if (telling_ == Telling::json) out_.write(json_line(event));
}

void TorrentTeller::warn(const std::string& text) {
    if (telling_ == Telling::json) return tell({{"event", "warning"}, {"text", json_text(text)}});
    if (lines_.terminal()) return lines_.say("! " + text);
    remark(program_, text);
}

void TorrentTeller::error(const std::string& text) {
    tell(failed_event(text));
    lines_.draw({});
    remark(program_, text);
}

void TorrentTeller::error(const Error& error) {
    this->error(reason_text(program_, error));
}

void TorrentTeller::end_of_live_lines() {
    lines_.draw({});
}

void TorrentTeller::show(const std::vector<TorrentRow>& all, TimePoint now) {
    if (telling_ == Telling::quiet) return;
    if (telling_ == Telling::json) {
        if (now - json_told_ < between_progress_events) return;
        json_told_ = now;
        for (const auto& row : all) show_json(row.status);
        return;
    }
    if (lines_.terminal()) {
        std::vector<std::string> lines;
        for (const auto& row : all) lines.push_back(live_line(row, io_linux::stdout_width()));
        return lines_.draw(lines);
    }
    told_.resize(all.size(), {.tenths = 0, .at = now, .have = 0, .waits_told = false});
    for (std::size_t i = 0; i < all.size(); ++i) show_plain(all[i], told_[i], now);
}

void TorrentTeller::show_plain(const TorrentRow& row, PlainTold& told, TimePoint now) {
    const auto& status = row.status;
    const bool goes_on = status.state == TorrentState::downloading ||
                         status.state == TorrentState::metadata || status.state == TorrentState::waiting;
    if (!goes_on) return;
    const auto tenths = static_cast<std::uint64_t>(percent_there(status)) / 10;
    const bool stands = status.bytes_have == told.have;
    const bool is_due = now - told.at >= (stands && !told.waits_told ? first_silence : between_lines);
    const bool is_more = tenths > told.tenths && now - told.at >= between_tenths;
    if (!is_more && !is_due) return;
    told = {.tenths = tenths, .at = now, .have = status.bytes_have, .waits_told = stands};
    out_.write(plain_line(row));
}

void TorrentTeller::show_json(const TorrentStatus& status) {
    tell({{"event", "progress"},
          {"name", json_text(status.name)},
          {"state", engine::name_of(status.state)},
          {"have", status.bytes_have},
          {"total", status.bytes_total},
          {"pieces_have", status.pieces_have},
          {"pieces", status.pieces_total},
          {"rate_down", status.rate_down},
          {"rate_up", status.rate_up},
          {"uploaded", status.uploaded},
          {"peers", status.peers},
          {"seeds", seeds_of(status)},
          {"tracker_seeds", count(status.tracker_seeds)},
          {"tracker_leechers", count(status.tracker_leechers)}});
}

}  // namespace spate::apps
