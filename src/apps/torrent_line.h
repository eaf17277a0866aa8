// How a torrent stands, in words: a line for a terminal, with a bar of its pieces, and a plain one. Pure.
#pragma once

#include <string>

#include "engine/torrent_status.h"

namespace spate::apps {

struct TorrentRow {
    engine::TorrentStatus status;
    bool done = false;  // it is all there and was shared for as long as was asked; others are not yet
};

// As much of it as fits in `width` cells, what matters most.
std::string live_line(const TorrentRow& row, int width);
std::string plain_line(const TorrentRow& row);
// Once all is there, `took` after it was begun: size, time and rate are of the same bytes, those of an
// earlier run left out.
std::string complete_line(const engine::TorrentStatus& status, Duration took);

// Of what is wanted, rounded down, so that 100 is all of it.
int percent_there(const engine::TorrentStatus& status);

}  // namespace spate::apps
