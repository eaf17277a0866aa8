#include "apps/torrent_line.h"

#include <algorithm>
#include <cerrno>
#include <fmt/format.h>
#include <vector>

#include "apps/cells.h"
#include "apps/live_lines.h"
#include "apps/piece_bar.h"
#include "apps/size_text.h"
#include "base/printable.h"

namespace spate::apps {

using engine::TorrentState;
using engine::TorrentStatus;

namespace {

constexpr int name_cells_min = 10;
constexpr int name_cells_max = 28;
constexpr int bar_cells_min = 10;
constexpr int bar_cells_max = 40;
constexpr int rest_cells = 74;      // of everything but name and bar
constexpr int width_with_bar = 60;  // below, the words need all there is

double part_of(std::uint64_t some, std::uint64_t all) {
    return all == 0 ? 0 : static_cast<double>(some) / static_cast<double>(all);
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

bool is_of_space(const Error& error) {
    return error.is(std::errc::no_space_on_device) ||
           error.code == std::error_code(EDQUOT, std::generic_category());
}

std::string percent_text(const TorrentStatus& status) {
    return fmt::format("{:3} %", percent_there(status));
}

std::string given_text(const TorrentStatus& status) {
    return fmt::format("{} given, ratio {:.2f}", size_text(status.uploaded),
                       part_of(status.uploaded, status.bytes_total));
}

// What trackers say while nobody is there.
std::string tracker_words(const TorrentStatus& status) {
    if (!status.tracker_warning.empty()) return "(" + printable(status.tracker_warning, 200) + ")";
    if (!status.tracker_seeds) return "(no tracker has answered yet)";
    return fmt::format("(the tracker knows {})", count_text(*status.tracker_seeds, "seed", "seeds"));
}

std::vector<LinePart> words_of_download(const TorrentStatus& status) {
    std::vector<LinePart> words{
        {percent_text(status), 0},
        {size_text(status.bytes_have) + " of " + size_text(status.bytes_total), 3},
        {rate(status.rate_down), 2},
        {count_text(status.peers, "peer", "peers"), 4},
    };
    if (status.all_available && status.eta) words.push_back({eta_text(*status.eta) + " left", 1});
    const bool waits = !status.all_available && (status.peers == 0 || status.rate_down == 0);
    if (waits) {
        words.push_back(
            {std::string("waiting for somebody who has ") + (status.peers == 0 ? "it" : "the rest"), 0});
        words.push_back({tracker_words(status), 1});
    }
    return words;
}

// For the disk: for room, nearly always.
std::vector<LinePart> words_of_wait(const TorrentStatus& status) {
    std::vector<LinePart> words{{percent_text(status), 0}, {"waits", 0}};
    if (status.error && is_of_space(*status.error))
        words.back().text = fmt::format("waits for disk space, {} more are to come",
                                        size_text(status.bytes_total - status.bytes_have));
    if (status.retry_in) words.push_back({"tries again in " + eta_text(*status.retry_in), 1});
    if (status.error)
        words.push_back({printable(status.error->message(), 200), is_of_space(*status.error) ? 2 : 0});
    return words;
}

// Of one that is done: whoever asks is served until the others are done, too.
std::vector<LinePart> words_of_done(const TorrentStatus& status) {
    std::vector<LinePart> words{{"done", 0}, {size_text(status.bytes_total), 1}};
    if (status.peers == 0) return words;
    words.push_back({"until the rest is there shared with " + count_text(status.peers, "peer", "peers"), 2});
    words.push_back({rate(status.rate_up), 3});
    return words;
}

std::vector<LinePart> what_it_does(const TorrentRow& row) {
    const auto& status = row.status;
    const auto peers = count_text(status.peers, "peer", "peers");
    switch (status.state) {
        case TorrentState::metadata:
            if (status.peers == 0)
                return {{"waiting for somebody who knows what is in it", 0}, {tracker_words(status), 1}};
            return {{"asking " + peers + " what is in it", 0}};
        case TorrentState::opening:
            return {{"looking at the files", 0}};
        case TorrentState::checking:
            return {
                {fmt::format("checking {:3.0f} %", part_of(status.bytes_checked, status.bytes_total) * 100),
                 0}};
        case TorrentState::downloading:
            return words_of_download(status);
        case TorrentState::seeding:
            if (row.done) return words_of_done(status);
            return {{"shared with " + peers, 0}, {rate(status.rate_up), 1}, {given_text(status), 2}};
        case TorrentState::waiting:
            return words_of_wait(status);
        case TorrentState::failed:
            return {{status.error ? printable(status.error->message(), 200) : "failed", 0}};
        case TorrentState::stopped:
            if (!row.done) return {{"stopped", 0}};
            return {{"done", 0}, {size_text(status.bytes_total), 1}, {given_text(status), 2}};
    }
    return {};
}

}  // namespace

int percent_there(const TorrentStatus& status) {
    return static_cast<int>(part_of(status.bytes_have, status.bytes_total) * 100);
}

std::string live_line(const TorrentRow& row, int width) {
    const int spare = std::max(0, width - rest_cells);
    const int bar_cells = std::clamp(spare / 2, bar_cells_min, bar_cells_max);
    const int name_cells = std::clamp(spare - bar_cells, name_cells_min, name_cells_max);
    auto line = cut_to_width(printable(row.status.name, 200), name_cells) + " ";
    if (width >= width_with_bar) line += piece_bar(row.status.bar, bar_cells) + " ";
    return cut_to_width(line + line_of(what_it_does(row), width - cells_of(line)), width);
}

std::string plain_line(const TorrentRow& row) {
    return printable(row.status.name, 100) + ": " + line_of(what_it_does(row));
}

std::string complete_line(const TorrentStatus& status, Duration took) {
    const auto line =
        fmt::format("{}: all {} there and right", printable(status.name, 200), size_text(status.bytes_total));
    // What was wasted may have come in an earlier run.
    const auto came =
        std::min(status.downloaded - std::min(status.wasted, status.downloaded), status.bytes_total);
    if (came == 0) return line;
    const std::chrono::duration<double> seconds = took;
    const auto how =
        fmt::format("in {} at {}", time_text(took), rate_text(static_cast<double>(came) / seconds.count()));
    const bool is_all = size_text(came) == size_text(status.bytes_total);
    return is_all ? line + ", " + how : fmt::format("{}; {} of it came now, {}", line, size_text(came), how);
}

}  // namespace spate::apps
