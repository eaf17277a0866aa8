#include "apps/live_lines.h"

#include <cstdlib>
#include <gtest/gtest.h>

namespace spate::apps {
namespace {

int terminal_width = 20;

std::string written(bool terminal, auto&& use) {
    char* buffer = nullptr;
    std::size_t size = 0;
    std::FILE* out = open_memstream(&buffer, &size);
    {
        LiveLines lines(out, terminal, [] { return terminal_width; });
        use(lines);
    }
    std::fclose(out);
    std::string text(buffer, size);
    std::free(buffer);
    return text;
}

TEST(LiveLines, OnATerminalTheBlockIsDrawnInPlace) {
    const auto text = written(true, [](LiveLines& lines) {
        lines.draw({"a", "b"});
        lines.say("note");
        lines.draw({"a", "b"});
    });
    EXPECT_EQ(text, "a\nb\n\x1b[1A\x1b[2K\x1b[1A\x1b[2Knote\na\nb\n");
}

TEST(LiveLines, TheTerminalsWidthMayChange) {
    const auto text = written(true, [](LiveLines& lines) {
        lines.draw({"twelve cells"});
        terminal_width = 5;
        lines.draw({"twelve cells"});
        terminal_width = 20;
        lines.draw({"twelve cells"});
    });
    const std::string up = "\x1b[1A\x1b[2K";
    EXPECT_EQ(text, "twelve cells\n" + up + up + up + "twel…\n" + up + "twelve cells\n");
}

TEST(LiveLines, ElsewhereOnlyPlainLines) {
    const auto text = written(false, [](LiveLines& lines) {
        lines.draw({"a"});
        lines.say("note");
    });
    EXPECT_EQ(text, "note\n");
}

TEST(LineOf, LeavesOutWhatMattersLeast) {
    const std::vector<LinePart> parts{{"50 %", 0}, {"4 peers", 3}, {"1 MB/s", 2}, {"9 s left", 1}};
    EXPECT_EQ(line_of(parts), "50 %  4 peers  1 MB/s  9 s left");
    EXPECT_EQ(line_of(parts, 31), "50 %  4 peers  1 MB/s  9 s left");
    EXPECT_EQ(line_of(parts, 30), "50 %  1 MB/s  9 s left");
    EXPECT_EQ(line_of({{"50 %", 0}, {"a long reason", 1}, {"1 MB/s", 2}}, 12), "50 %  1 MB/s");
    EXPECT_EQ(line_of(parts, 14), "50 %  9 s left");
    EXPECT_EQ(line_of(parts, 3), "50 %");
}

TEST(Bar, IsAsWideAsAskedForAndFillsUp) {
    EXPECT_EQ(bar(0, 4), "░░░░");
    EXPECT_EQ(bar(0.5, 4), "██░░");
    EXPECT_EQ(bar(0.625, 2), "█▎");
    EXPECT_EQ(bar(2, 2), "██");
    EXPECT_EQ(bar(0.0 / 1e-320 * 0, 2), "░░");
}

}  // namespace
}  // namespace spate::apps
