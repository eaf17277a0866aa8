#include "apps/live_lines.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "apps/cells.h"

namespace spate::apps {

LiveLines::~LiveLines() {
    std::fflush(out_);
}

void LiveLines::erase() {
    for (std::size_t i = 0; i < shown_.size(); ++i) std::fputs("\x1b[1A\x1b[2K", out_);
}

void LiveLines::draw(const std::vector<std::string>& lines) {
    if (!terminal_ || lines == shown_) return;
    erase();
    for (const auto& line : lines) std::fprintf(out_, "%s\n", cut_to_width(line, width_).c_str());
    std::fflush(out_);
    shown_ = lines;
}

void LiveLines::say(const std::string& line) {
    if (terminal_) erase();
    std::fprintf(out_, "%s\n", line.c_str());
    if (terminal_) {
        for (const auto& shown : shown_) std::fprintf(out_, "%s\n", cut_to_width(shown, width_).c_str());
    }
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
