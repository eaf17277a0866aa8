#include "apps/live_lines.h"

#include <cstdlib>
#include <gtest/gtest.h>

namespace spate::apps {
namespace {

std::string written(bool terminal, auto&& use) {
    char* buffer = nullptr;
    std::size_t size = 0;
    std::FILE* out = open_memstream(&buffer, &size);
    {
        LiveLines lines(out, terminal, 20);
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

TEST(LiveLines, ElsewhereOnlyPlainLines) {
    const auto text = written(false, [](LiveLines& lines) {
        lines.draw({"a"});
        lines.say("note");
    });
    EXPECT_EQ(text, "note\n");
}

TEST(Bar, IsAsWideAsAskedForAndFillsUp) {
    EXPECT_EQ(bar(0, 4), "░░░░");
    EXPECT_EQ(bar(0.5, 4), "██░░");
    EXPECT_EQ(bar(0.625, 2), "█▎");
    EXPECT_EQ(bar(2, 2), "██");
    EXPECT_EQ(bar(0.0 / 1e-320 * 0, 2), "░░");
}

TEST(CutToWidth, CountsCharactersNotBytes) {
    EXPECT_EQ(cut_to_width("äöü", 2), "äö");
    EXPECT_EQ(cut_to_width("abc", 5), "abc");
}

}  // namespace
}  // namespace spate::apps
