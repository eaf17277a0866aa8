#include "apps/cells.h"

#include <gtest/gtest.h>

namespace spate::apps {
namespace {

TEST(Cells, WideCharactersAreTwo) {
    EXPECT_EQ(cells_of("äöü"), 3);
    EXPECT_EQ(cells_of("数据"), 4);
    EXPECT_EQ(cells_of("a\u0301"), 1);
}

TEST(CutToWidth, SaysThatSomethingIsLeftOut) {
    EXPECT_EQ(cut_to_width("abc", 3), "abc");
    EXPECT_EQ(cut_to_width("äöü", 2), "ä…");
    EXPECT_EQ(cut_to_width("数据数据", 4), "数…");
    EXPECT_EQ(cut_to_width("abc", 0), "");
}

}  // namespace
}  // namespace spate::apps
