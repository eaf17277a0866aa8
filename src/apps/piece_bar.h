// A bar that shows which pieces are there: a cell is a stretch of the torrent, shaded by how much of it is
// there. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace spate::apps {

// cells: how much of each of equally long stretches is there, 0 to 255. `width` characters. Full and empty
// are shown only where all or nothing of a stretch is there.
std::string piece_bar(std::span<const std::uint8_t> cells, int width);

}  // namespace spate::apps
