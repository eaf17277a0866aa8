#include "apps/live_lines.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "apps/cells.h"

namespace spate::apps {

LiveLines::~LiveLines() {
    std::fflush(out_);
}

// A terminal that became narrower has broken what was drawn wider into several rows.
void LiveLines::erase(int width) {
    for (const auto& line : shown_) {
        const int rows = std::max(1, (cells_of(line) + width - 1) / width);
        for (int row = 0; row < rows; ++row) std::fputs("\x1b[1A\x1b[2K", out_);
    }
}

void LiveLines::write(int width) {
    for (auto& line : shown_) {
        line = cut_to_width(line, width);
        std::fprintf(out_, "%s\n", line.c_str());
    }
}

void LiveLines::draw(const std::vector<std::string>& lines) {
    if (!terminal_) return;
    const int width = std::max(1, width_());
    std::vector<std::string> cut;
    for (const auto& line : lines) cut.push_back(cut_to_width(line, width));
    if (cut == shown_) return;
    erase(width);
    shown_ = std::move(cut);
    write(width);
    std::fflush(out_);
}

void LiveLines::say(const std::string& line) {
    const int width = terminal_ ? std::max(1, width_()) : 1;
    erase(width);
    std::fprintf(out_, "%s\n", line.c_str());
    write(width);
    std::fflush(out_);
}

std::string line_of(const std::vector<LinePart>& parts, std::optional<int> width) {
    static constexpr int gap = 2;
    std::vector<const LinePart*> by_rank;
    for (const auto& part : parts) by_rank.push_back(&part);
    std::ranges::stable_sort(by_rank, {}, &LinePart::rank);
    std::vector<bool> shown(parts.size());
    int used = -gap;
    for (const auto* part : by_rank) {
        const int cells = gap + cells_of(part->text);
        if (width && part->rank > 0 && used + cells > *width) continue;
        used += cells;
        shown[static_cast<std::size_t>(part - parts.data())] = true;
    }
    std::string line;
    for (std::size_t i = 0; i < parts.size(); ++i)
        if (shown[i]) line += (line.empty() ? "" : "  ") + parts[i].text;
    return line;
}

std::string bar(double part, int width) {
    static constexpr std::array<const char*, 8> eighths{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    const double clamped = std::isfinite(part) ? std::clamp(part, 0.0, 1.0) : 0.0;
    const int filled = static_cast<int>(clamped * width * 8);
    std::string text;
    for (int i = 0; i < filled / 8; ++i) text += "█";
    int used = filled / 8;
    if (filled % 8 != 0) {
        text += eighths[static_cast<std::size_t>(filled % 8)];
        ++used;
    }
    for (; used < width; ++used) text += "░";
    return text;
}

}  // namespace spate::apps
