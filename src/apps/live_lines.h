// LiveLines: progress for people. On a terminal a block of lines that is drawn again in place, at most ten
// times a second; elsewhere plain lines, one when something worth saying happened. Thread: the owner's.
#pragma once

#include <cstdio>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace spate::apps {

class LiveLines {
  public:
    // `out` stays open for the life of this. On a terminal lines are cut to its width, which a person may
    // change at any time: it is asked for at each draw.
    LiveLines(std::FILE* out, bool terminal, std::function<int()> width)
        : out_(out), terminal_(terminal), width_(std::move(width)) {}
    ~LiveLines();
    LiveLines(const LiveLines&) = delete;
    LiveLines& operator=(const LiveLines&) = delete;

    bool terminal() const { return terminal_; }
    // Replaces the block. Without a terminal: nothing.
    void draw(const std::vector<std::string>& lines);
    // A line that stays, above the block.
    void say(const std::string& line);

  private:
    void erase(int width);
    void write(int width);

    std::FILE* out_;
    bool terminal_;
    std::function<int()> width_;
    std::vector<std::string> shown_;  // as they were cut
};

// Words of a progress line. Where not all fit, those of the smallest rank are shown, and what else fits then;
// rank 0 in any case.
struct LinePart {
    std::string text;
    int rank = 0;
};
// In their order, two blanks between them; without a width all of them.
std::string line_of(const std::vector<LinePart>& parts, std::optional<int> width = std::nullopt);

// A bar of `width` cells for a part of 0 to 1, with eighths of a cell.
std::string bar(double part, int width);

}  // namespace spate::apps
