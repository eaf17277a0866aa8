// How a torrent stands, in words: a line for a terminal, with a bar of its pieces, and a plain one. Pure.
#pragma once

#include <string>

#include "engine/torrent_status.h"

namespace spate::apps {

// As much of it as fits in `width` cells, what matters most.
std::string live_line(const engine::TorrentStatus& status, int width);
std::string plain_line(const engine::TorrentStatus& status);

// Of what is wanted, rounded down, so that 100 is all of it.
int percent_there(const engine::TorrentStatus& status);

}  // namespace spate::apps
