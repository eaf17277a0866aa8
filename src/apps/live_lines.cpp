#include "apps/live_lines.h"

#include <algorithm>
#include <array>
#include <cmath>

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

std::string cut_to_width(const std::string& text, int width) {
    int cells = 0;
    std::size_t at = 0;
    while (at < text.size()) {
        const bool starts_character = (static_cast<unsigned char>(text[at]) & 0xc0) != 0x80;
        if (starts_character && ++cells > width) break;
        ++at;
    }
    return text.substr(0, at);
}

}  // namespace spate::apps
