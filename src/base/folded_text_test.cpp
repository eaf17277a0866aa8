#include "base/folded_text.h"

#include <gtest/gtest.h>

namespace spate {
namespace {

TEST(FoldedText, TwoCasesAreOne) {
    EXPECT_EQ(folded("FÖLDER Straße ÇĞŐŽŁ"), "földer straße çğőžł");
    EXPECT_EQ(folded("ΑΒΓΩ ΆΈ"), folded("αβγω Άέ"));
    EXPECT_EQ(folded("ПРИВЕТ Ёж Ґ"), "привет ёж ґ");
    EXPECT_EQ(folded("数据×÷"), "数据×÷");
}

TEST(FoldedText, WhatIsNoTextStays) {
    EXPECT_EQ(folded("A\xff\xc3"), "a\xff\xc3");
    EXPECT_EQ(folded(""), "");
}

}  // namespace
}  // namespace spate
