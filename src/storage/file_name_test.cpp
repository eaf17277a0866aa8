#include "storage/file_name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

#include "base/rng.h"
#include "io/files.h"

namespace spate::storage {
namespace {

struct Case {
    std::string name;
    std::string clean;
};

class CleanFileName : public ::testing::TestWithParam<Case> {};

TEST_P(CleanFileName, IsAsExpected) {
    EXPECT_EQ(clean_file_name(GetParam().name), GetParam().clean);
    EXPECT_EQ(is_clean_file_name(GetParam().name), GetParam().name == GetParam().clean);
}

INSTANTIATE_TEST_SUITE_P(
    Names, CleanFileName,
    ::testing::Values(Case{"picture-wallpaper.jpg", "picture-wallpaper.jpg"}, Case{"", "_"}, Case{".", "_"},
                      Case{"..", "__"}, Case{"../../etc/passwd", "_._.._etc_passwd"}, Case{"a/b\\c", "a_b_c"},
                      Case{".hidden", "_hidden"}, Case{"ends.", "ends_"}, Case{" blanks ", "_blanks_"},
                      Case{std::string("nul\0tab\t", 8), "nul_tab_"}, Case{"\x7f", "_"},
                      Case{"caf\xc3\xa9", "caf\xc3\xa9"}, Case{"\xc2\x85line", "_line"},
                      Case{"broken\xc3", "broken_"}, Case{"over\xc0\xaflong", "over__long"},
                      Case{"\xed\xa0\x80", "___"}, Case{"\xf4\x90\x80\x80", "____"},
                      Case{"\xf0\x9f\x8e\x89", "\xf0\x9f\x8e\x89"}, Case{"CON", "_CON"},
                      Case{"nul.txt", "_nul.txt"}, Case{"com1.tar.gz", "_com1.tar.gz"}, Case{"com0", "com0"},
                      Case{"console", "console"}, Case{"lpt9", "_lpt9"}, Case{"~", "~"},
                      Case{std::string(255, 'a'), std::string(255, 'a')}));

TEST(CleanFileName, ShortensAndKeepsExtension) {
    const auto clean = clean_file_name(std::string(300, 'a') + ".tar");
    EXPECT_EQ(clean.size(), 255U);
    EXPECT_TRUE(clean.ends_with(".tar"));
    EXPECT_NE(clean, clean_file_name(std::string(301, 'a') + ".tar"));
    EXPECT_EQ(clean_file_name(std::string(256, 'a')).size(), 255U);
}

TEST(CleanFileName, ShortensAtACharactersEdge) {
    std::string name;
    for (int i = 0; i < 100; ++i) name += "\xe2\x82\xac";
    for (int shift = 0; shift < 3; ++shift) {
        const auto clean = clean_file_name(name);
        EXPECT_LE(clean.size(), 255U);
        EXPECT_GE(clean.size(), 253U);
        EXPECT_TRUE(is_clean_file_name(clean));
        name.insert(0, "x");
    }
}

TEST(CleanFileName, AnyBytesBecomeOneSafeComponentAndStay) {
    Rng rng(1);
    static constexpr std::string_view pieces[] = {
        "/", "\\", ".", "..", " ", "con", "\xc3", "\xa9", "\xf0\x9f\x8e\x89", "a", "\n", "~"};
    for (int round = 0; round < 20'000; ++round) {
        std::string name;
        const auto length = rng.below(round % 10 == 0 ? 400 : 12);
        for (std::uint64_t i = 0; i < length; ++i) {
            if (rng.chance(1, 2)) {
                name += pieces[rng.below(std::size(pieces))];
            } else {
                name += static_cast<char>(rng.below(256));
            }
        }
        const auto clean = clean_file_name(name);
        ASSERT_TRUE(io::check_path(clean)) << ::testing::PrintToString(name);
        ASSERT_EQ(clean.find_first_of("/\\"), clean.npos);
        ASSERT_EQ(clean_file_name(clean), clean) << ::testing::PrintToString(name);
        const auto suffixed = with_suffix(clean, ".track");
        ASSERT_TRUE(is_clean_file_name(suffixed)) << ::testing::PrintToString(suffixed);
        ASSERT_TRUE(suffixed.ends_with(".track"));
    }
}

TEST(WithSuffix, ShortensOnlyWhatDoesNotFit) {
    EXPECT_EQ(with_suffix("movie.avi", ".track"), "movie.avi.track");
    EXPECT_EQ(with_suffix(std::string(249, 'a'), ".track"), std::string(249, 'a') + ".track");
    const auto shortened = with_suffix(std::string(250, 'a'), ".track");
    EXPECT_EQ(shortened.size(), 255U);
    EXPECT_NE(shortened, with_suffix(std::string(251, 'a'), ".track"));
}

}  // namespace
}  // namespace spate::storage
