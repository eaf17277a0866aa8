// LiveLines: progress for people. On a terminal a block of lines that is drawn again in place, at most ten
// times a second; elsewhere plain lines, one when something worth saying happened. Thread: the owner's.
#pragma once

#include <cstdio>
#include <string>
#include <vector>

namespace spate::apps {

class LiveLines {
  public:
    // `out` stays open for the life of this. On a terminal lines are cut to its width.
    LiveLines(std::FILE* out, bool terminal, int width) : out_(out), terminal_(terminal), width_(width) {}
    ~LiveLines();
    LiveLines(const LiveLines&) = delete;
    LiveLines& operator=(const LiveLines&) = delete;

    bool terminal() const { return terminal_; }
    // Replaces the block. Without a terminal: nothing.
    void draw(const std::vector<std::string>& lines);
    // A line that stays, above the block.
    void say(const std::string& line);

  private:
    void erase();

    std::FILE* out_;
    bool terminal_;
    int width_;
    std::vector<std::string> shown_;
};

// A bar of `width` cells for a part of 0 to 1, with eighths of a cell.
std::string bar(double part, int width);

// The first cells of UTF-8 text without escape codes that fit in `width`.
std::string cut_to_width(const std::string& text, int width);

}  // namespace spate::apps
