#include "metainfo/clean_path.h"

#include <gtest/gtest.h>
#include <set>

#include "base/rng.h"
#include "base/utf8.h"
#include "metainfo/limits.h"

namespace spate::metainfo {
namespace {

Result<std::string> add(UniquePaths& paths, const std::vector<std::string_view>& components) {
    return paths.add(components);
}

TEST(CleanComponent, LengthLimitOnBothSides) {
    EXPECT_EQ(clean_component(std::string(255, 'n')), std::string(255, 'n'));
    const auto cut = clean_component(std::string(256, 'n'));
    EXPECT_EQ(cut.size(), 255U);
    EXPECT_EQ(cut[238], '~');
    EXPECT_NE(clean_component(std::string(300, 'a') + "1"), clean_component(std::string(300, 'a') + "2"));
    EXPECT_TRUE(clean_component(std::string(300, 'a') + ".tar.zst").ends_with(".zst"));
    // An extension of 16 bytes stays, one of 17 is none; characters are not cut in half.
    EXPECT_TRUE(
        clean_component(std::string(300, 'a') + "." + std::string(15, 'e')).ends_with(std::string(15, 'e')));
    EXPECT_FALSE(
        clean_component(std::string(300, 'a') + "." + std::string(16, 'e')).ends_with(std::string(16, 'e')));
    std::string wide;
    for (int i = 0; i < 100; ++i) wide += "\xf0\x9f\x98\x80";
    EXPECT_TRUE(is_utf8(clean_component(wide)));
}

// Any bytes: the result is safe, and cleaning it again changes nothing.
TEST(CleanComponent, AnyBytesBecomeASafeName) {
    Rng rng(3);
    for (int round = 0; round < 20000; ++round) {
        std::string name;
        static constexpr std::string_view favourites{"./\\:\0\x7f\xc0\xae\xed\xa0\xe2\x80\xf0", 13};
        for (auto length = rng.below(rng.chance(1, 20) ? 600 : 8); length > 0; --length)
            name += rng.chance(1, 2) ? favourites[rng.below(favourites.size())]
                                     : static_cast<char>(rng.below(256));
        const auto clean = clean_component(name);
        ASSERT_TRUE(!clean.empty() && clean != "." && clean != ".." && clean.size() <= component_bytes_max);
        ASSERT_EQ(clean.find('/'), clean.npos);
        ASSERT_EQ(clean.find('\0'), clean.npos);
        ASSERT_TRUE(is_utf8(clean));
        ASSERT_EQ(clean_component(clean), clean);
    }
}

TEST(UniquePaths, PathLimitsOnBothSides) {
    UniquePaths paths("r", CaseRule::fold);
    const std::string part(255, 'p');
    std::vector<std::string_view> components(15, part);  // "r" + 15 * 256 = 3841
    const std::string fits(253, 'f');                    // + 254 = 4095
    components.push_back(fits);
    const auto path = add(paths, components);
    ASSERT_TRUE(path);
    EXPECT_EQ(path->size(), path_bytes_max);
    const std::string longer(254, 'f');
    components.back() = longer;
    EXPECT_FALSE(add(paths, components));
    EXPECT_TRUE(add(paths, std::vector<std::string_view>(path_depth_max, "d")));
    EXPECT_FALSE(add(paths, std::vector<std::string_view>(path_depth_max + 1, "d")));
}

TEST(UniquePaths, CaseRules) {
    UniquePaths fold("", CaseRule::fold), keep("", CaseRule::keep);
    for (auto* paths : {&fold, &keep}) ASSERT_EQ(*add(*paths, {"a", "X.c"}), "a/X.c");
    EXPECT_EQ(*add(fold, {"A", "x.c"}), "a/x.1.c");
    EXPECT_EQ(*add(keep, {"A", "x.c"}), "A/x.c");
}

TEST(UniquePaths, NumberedNamesKeepTheLengthLimit) {
    UniquePaths paths("", CaseRule::fold);
    const std::string name = std::string(251, 'n') + ".txt";
    EXPECT_EQ(*add(paths, {name}), name);
    std::set<std::string> seen{name};
    for (int i = 0; i < 100; ++i) {
        const auto path = add(paths, {name});
        ASSERT_TRUE(path);
        EXPECT_LE(path->size(), 255U);
        EXPECT_TRUE(path->ends_with(".txt"));
        EXPECT_TRUE(seen.insert(*path).second);
    }
}

TEST(UniquePaths, FindsWhatWasAdded) {
    UniquePaths paths("root", CaseRule::fold);
    ASSERT_TRUE(add(paths, {"a"}));
    ASSERT_TRUE(add(paths, {"a", "b"}));
    const auto find = [&](const std::vector<std::string_view>& components) { return paths.find(components); };
    EXPECT_EQ(find({"a"}), "root/a");
    EXPECT_EQ(find({"a", "b"}), "root/a.1/b");
    EXPECT_EQ(find({"a", "c"}), std::nullopt);
    EXPECT_EQ(find({"b"}), std::nullopt);
}

// Random trees of few names: no two files meet, not even by case, and none is where another's folder is.
TEST(UniquePaths, RandomTreesStayApart) {
    Rng rng(4);
    static constexpr std::string_view names[] = {"a", "A", "a.1", "b", "B/", "b\\", "..", "a.1.1", "", "_"};
    for (int round = 0; round < 300; ++round) {
        UniquePaths paths("r", CaseRule::fold);
        std::set<std::string> files, folders;
        for (int i = 0; i < 40; ++i) {
            std::vector<std::string_view> components;
            for (auto depth = 1 + rng.below(3); depth > 0; --depth)
                components.push_back(names[rng.below(std::size(names))]);
            const auto path = add(paths, components);
            ASSERT_TRUE(path);
            ASSERT_TRUE(files.insert(folded(*path)).second) << *path;
            for (auto slash = path->find('/'); slash != path->npos; slash = path->find('/', slash + 1))
                folders.insert(folded(path->substr(0, slash)));
        }
        for (const auto& folder : folders) ASSERT_FALSE(files.contains(folder)) << folder;
    }
}

}  // namespace
}  // namespace spate::metainfo
