#include "apps/piece_bar.h"

#include <algorithm>
#include <array>

namespace spate::apps {

std::string piece_bar(std::span<const std::uint8_t> cells, int width) {
    static constexpr std::array<const char*, 5> shades{"·", "░", "▒", "▓", "█"};
    std::string text;
    const auto columns = static_cast<std::size_t>(width);
    for (std::size_t column = 0; column < columns; ++column) {
        if (cells.empty()) {
            text += shades[0];
            continue;
        }
        const std::size_t first = column * cells.size() / columns;
        const std::size_t last = std::max(first + 1, (column + 1) * cells.size() / columns);
        std::size_t there = 0;
        for (std::size_t i = first; i < last; ++i) there += cells[i];
        const std::size_t all = (last - first) * 255;
        const std::size_t shade = there == 0 ? 0 : there == all ? 4 : 1 + there * 3 / all;
        text += shades[shade];
    }
    return text;
}

}  // namespace spate::apps
