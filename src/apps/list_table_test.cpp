#include "apps/list_table.h"

#include <gtest/gtest.h>

#include "apps/cells.h"

namespace spate::apps {
namespace {

using catalogue_protocol::ListedEntry;

ListedEntry entry(std::string name, std::uint64_t size, std::uint64_t seeds = 0) {
    ListedEntry made;
    made.name = std::move(name);
    made.size = size;
    made.seeds = seeds;
    return made;
}

TEST(ListTable, LinesItsColumnsUp) {
    auto first = entry("debian-12.iso", 658'505'728, 12);
    first.coverage = 1;
    first.verified = true;
    first.age_seconds = 3 * 86'400;
    auto second = entry("数据", 10, 3);
    second.coverage = 0.999;
    second.files = 4;
    auto third = entry("parts", 7);
    third.leechers = 1;
    EXPECT_EQ(
        list_table({first, second, third}, Counts::known, 0),
        (std::vector<std::string>{"NAME             SIZE  SEEDS  LEECHERS  COVERAGE  VERIFIED       AGE",
                                  "debian-12.iso  659 MB     12         0      100%  yes         3 days",
                                  "数据/            10 B      3         0       99%  no        just now",
                                  "parts             7 B      0         1         ?  no        just now"}));
}

TEST(ListTable, IsCutToTheTerminal) {
    auto one = entry(std::string(200, 'n'), 5);
    one.description = std::string(300, 'd');
    for (const int width : {20, 40, 60, 80, 100, 200}) {
        for (const auto& line : list_table({one}, Counts::known, width))
            EXPECT_LE(cells_of(line), width) << line;
    }
    EXPECT_EQ(list_table({one}, Counts::known, 70).front().find("ABOUT"), std::string::npos);
    EXPECT_EQ(list_table({one}, Counts::known, 40),
              (std::vector<std::string>{"NAME               SIZE  SEEDS  LEECHERS",
                                        "nnnnnnnnnnnnnnnn…   5 B      0         0"}));
}

TEST(ListTable, WhatStandsBelowBreaksBetweenSentences) {
    const std::vector<ListedEntry> entries{entry("a", 5), entry("b", 6)};
    EXPECT_EQ(closing_lines(entries, 80),
              (std::vector<std::string>{"2 entries, 11 B in all. Fetch one: spate get NAME"}));
    EXPECT_EQ(closing_lines(entries, 40),
              (std::vector<std::string>{"2 entries, 11 B in all.", "Fetch one: spate get NAME"}));
    EXPECT_EQ(closing_lines({entry("a", 5)}, 40).front(), "1 entry, 5 B in all.");
}

TEST(ListTable, ShowsNoControlCodes) {
    auto one = entry("a\x1b[31mb", 5);
    one.description = "two\nlines";
    const auto lines = list_table({one}, Counts::known, 0);
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(lines[1].find('\x1b'), std::string::npos);
    EXPECT_EQ(lines[1].find('\n'), std::string::npos);
}

TEST(ListTable, SortsByWhatTheTrackerDoesNot) {
    std::vector<ListedEntry> entries{entry("a", 1, 2), entry("b", 2, 5), entry("c", 3, 2)};
    sort_entries(entries, ListSort::seeds);
    EXPECT_EQ(entries[0].name, "b");
    EXPECT_EQ(entries[1].name, "a");
    EXPECT_EQ(entries[2].name, "c");
}

TEST(AgeText, IsShort) {
    EXPECT_EQ(age_text(0), "just now");
    EXPECT_EQ(age_text(60), "1 min");
    EXPECT_EQ(age_text(86'400), "24 h");
    EXPECT_EQ(age_text(30 * 86'400), "30 days");
}

}  // namespace
}  // namespace spate::apps
