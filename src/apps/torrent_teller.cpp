#include "apps/torrent_teller.h"

#include <algorithm>
#include <cstdio>
#include <fmt/format.h>

#include "apps/complaint.h"
#include "apps/json_line.h"
#include "apps/piece_bar.h"
#include "apps/size_text.h"
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
constexpr int name_cells_max = 28;
constexpr int bar_cells_max = 40;
constexpr int rest_cells = 74;  // of everything but name and bar

double part_of(std::uint64_t some, std::uint64_t all) {
    return all == 0 ? 0 : static_cast<double>(some) / static_cast<double>(all);
}

// Down, so that 100 is all of it.
int percent(const TorrentStatus& status) {
    return static_cast<int>(part_of(status.bytes_have, status.bytes_total) * 100);
}

std::string count_text(std::uint32_t count, const char* one, const char* many) {
    return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::string rate(std::uint64_t bytes_per_second) {
    return rate_text(static_cast<double>(bytes_per_second));
}

// As true as it is: whole seconds.
std::string eta_text(Duration eta) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(eta);
    return seconds < std::chrono::minutes(1) ? fmt::format("{} s", seconds.count()) : time_text(seconds);
}

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

// What trackers say while nobody is there.
std::string tracker_words(const TorrentStatus& status) {
    if (!status.tracker_warning.empty()) return " (" + printable(status.tracker_warning, 200) + ")";
    if (!status.tracker_seeds) return " (no tracker has answered yet)";
    return fmt::format(" (the tracker knows {})", count_text(*status.tracker_seeds, "seed", "seeds"));
}

std::string what_it_does(const TorrentStatus& status) {
    const auto peers = count_text(status.peers, "peer", "peers");
    switch (status.state) {
        case TorrentState::metadata:
            if (status.peers == 0)
                return "waiting for somebody who knows what is in it" + tracker_words(status);
            return "asking " + peers + " what is in it";
        case TorrentState::opening:
            return "looking at the files";
        case TorrentState::checking:
            return fmt::format("checking {:3.0f} %", part_of(status.bytes_checked, status.bytes_total) * 100);
        case TorrentState::downloading: {
            auto text = fmt::format("{:3} %  {} of {}  {}  {}", percent(status), size_text(status.bytes_have),
                                    size_text(status.bytes_total), rate(status.rate_down), peers);
            if (status.all_available && status.eta)
                text += "  " + eta_text(*status.eta) + " left";
            else if (!status.all_available && status.peers == 0)
                text += "  waiting for somebody who has it" + tracker_words(status);
            else if (!status.all_available && status.rate_down == 0)
                text += "  waiting for somebody who has the rest" + tracker_words(status);
            return text;
        }
        case TorrentState::seeding:
            return fmt::format("shared with {}  {}  {} given, ratio {:.2f}", peers, rate(status.rate_up),
                               size_text(status.uploaded), part_of(status.uploaded, status.bytes_total));
        case TorrentState::waiting: {
            auto text = fmt::format("{:3} %  waits", percent(status));
            if (status.retry_in) text += ", tries again in " + time_text(*status.retry_in);
            if (status.error) text += ": " + printable(status.error->message(), 200);
            return text;
        }
        case TorrentState::failed:
            return status.error ? printable(status.error->message(), 200) : "failed";
        case TorrentState::stopped:
            return "stopped";
    }
    return {};
}

}  // namespace

std::string live_line(const TorrentStatus& status, int width) {
    const int spare = std::max(0, width - rest_cells);
    const int bar_cells = std::clamp(spare / 2, 10, bar_cells_max);
    const int name_cells = std::clamp(spare - bar_cells, 10, name_cells_max);
    const auto name = cut_to_width(printable(status.name, 200), name_cells);
    return name + " " + piece_bar(status.bar, bar_cells) + " " + what_it_does(status);
}

TorrentTeller::TorrentTeller(Telling telling, std::string program, io_linux::LineWriter& out)
    : telling_(telling),
      program_(std::move(program)),
      out_(out),
      lines_(stdout, telling == Telling::plain && io_linux::stdout_is_terminal(), io_linux::stdout_width()) {}

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
    fmt::print(stderr, "{}: {}\n", program_, text);
}

void TorrentTeller::error(const std::string& text) {
    tell({{"event", "failed"}, {"text", json_text(text)}});
    lines_.draw({});
    fmt::print(stderr, "{}: {}\n", program_, text);
}

void TorrentTeller::error(const Error& error) {
    this->error(reason_text(program_, error));
}

void TorrentTeller::end_of_live_lines() {
    lines_.draw({});
}

void TorrentTeller::show(const std::vector<TorrentStatus>& all, TimePoint now) {
    if (telling_ == Telling::quiet) return;
    if (telling_ == Telling::json) {
        if (now - json_told_ < between_progress_events) return;
        json_told_ = now;
        for (const auto& status : all) show_json(status);
        return;
    }
    if (lines_.terminal()) {
        std::vector<std::string> lines;
        for (const auto& status : all) lines.push_back(live_line(status, io_linux::stdout_width()));
        return lines_.draw(lines);
    }
    told_.resize(all.size(), {.tenths = 0, .at = now, .have = 0, .waits_told = false});
    for (std::size_t i = 0; i < all.size(); ++i) show_plain(all[i], told_[i], now);
}

void TorrentTeller::show_plain(const TorrentStatus& status, PlainTold& told, TimePoint now) {
    const bool fetches = status.state == TorrentState::downloading || status.state == TorrentState::metadata;
    if (!fetches) return;
    const auto tenths = static_cast<std::uint64_t>(percent(status)) / 10;
    const bool stands = status.bytes_have == told.have;
    const bool is_due = now - told.at >= (stands && !told.waits_told ? first_silence : between_lines);
    const bool is_more = tenths > told.tenths && now - told.at >= between_tenths;
    if (!is_more && !is_due) return;
    told = {.tenths = tenths, .at = now, .have = status.bytes_have, .waits_told = stands};
    out_.write(printable(status.name, 100) + ": " + what_it_does(status));
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
