#include "apps/size_text.h"

#include <gtest/gtest.h>

namespace spate::apps {
namespace {

TEST(SizeText, ReadsAsPeopleWriteIt) {
    EXPECT_EQ(size_text(0), "0 B");
    EXPECT_EQ(size_text(999), "999 B");
    EXPECT_EQ(size_text(1000), "1.0 kB");
    EXPECT_EQ(size_text(9'940), "9.9 kB");
    EXPECT_EQ(size_text(9'960), "10 kB");
    EXPECT_EQ(size_text(999'600), "1.0 MB");
    EXPECT_EQ(size_text(UINT64_MAX), "18 EB");
    EXPECT_EQ(rate_text(-1), "0 B/s");
    EXPECT_EQ(time_text(std::chrono::milliseconds(12)), "12 ms");
    EXPECT_EQ(time_text(std::chrono::seconds(65)), "1 min 5 s");
}

TEST(ParseSize, TakesUnitsAndRefusesTheRest) {
    EXPECT_EQ(parse_size("1500"), 1500U);
    EXPECT_EQ(parse_size("20k"), 20'000U);
    EXPECT_EQ(parse_size("1.5MB"), 1'500'000U);
    EXPECT_EQ(parse_size("2GiB"), 2U << 30);
    for (const char* bad : {"", "k", "1x", "-1", "1kk", "1 k", "i", "1i", "99999P", "nan", "inf"})
        EXPECT_FALSE(parse_size(bad)) << bad;
}

}  // namespace
}  // namespace spate::apps
