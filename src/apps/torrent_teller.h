// TorrentTeller: tells on standard output how torrents move: a live line each with a bar of its pieces on a
// terminal, elsewhere plain lines when something happened, a tenth more is there or a minute has passed, or
// one JSON object a line. Warnings go to standard error unless told as JSON. Thread: the loop's. Owner: the
// command.
#pragma once

#include <boost/json/object.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "apps/live_lines.h"
#include "apps/torrent_line.h"
#include "apps/tracker_program.h"
#include "base/error.h"
#include "engine/torrent_status.h"
#include "io/linux/line_writer.h"

namespace spate::apps {

class TorrentTeller {
  public:
    // `program`: before warnings and errors, "spate get".
    TorrentTeller(Telling telling, std::string program, io_linux::LineWriter& out);

    // For people: a line that stays.
    void say(const std::string& line);
    // For machines.
    void tell(const boost::json::object& event);
    void warn(const std::string& text);   // it goes on
    void error(const std::string& text);  // it does not
    void error(const Error& error);

    // How all of them stand, in an order that stays; some ten times a second.
    void show(const std::vector<TorrentRow>& all, TimePoint now);
    // Takes the live lines away: what follows stays.
    void end_of_live_lines();

  private:
    struct PlainTold {
        std::uint64_t tenths = 0;
        TimePoint at{};  // the last line
        std::uint64_t have = 0;
        bool waits_told = false;  // the last line said that nothing came
    };
    void show_plain(const TorrentRow& row, PlainTold& told, TimePoint now);
    void show_json(const engine::TorrentStatus& status);

    Telling telling_;
    std::string program_;
    io_linux::LineWriter& out_;
    LiveLines lines_;
    std::vector<PlainTold> told_;  // one a torrent
    TimePoint json_told_{};
};

}  // namespace spate::apps
