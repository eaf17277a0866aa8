#include "apps/torrent_flags.h"

#include <filesystem>
#include <gtest/gtest.h>

namespace spate::apps {
namespace {

// What is remembered of a download is found by it: before its folder is made and after.
TEST(AbsolutePath, IsTheSameBeforeTheFolderIsThere) {
    const auto name =
        "torrent_flags_test." + std::to_string(::testing::UnitTest::GetInstance()->random_seed());
    const auto expected = (std::filesystem::current_path() / name).string();
    EXPECT_EQ(absolute_path(name), expected);
    EXPECT_EQ(absolute_path("./nothing/../" + name), expected);
    std::filesystem::create_directory(name);
    EXPECT_EQ(absolute_path(name), expected);
    std::filesystem::remove(name);
}

}  // namespace
}  // namespace spate::apps
