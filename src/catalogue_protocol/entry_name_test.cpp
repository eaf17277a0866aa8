#include "catalogue_protocol/entry_name.h"

#include <gtest/gtest.h>
#include <string>

namespace spate::catalogue_protocol {
namespace {

TEST(EntryName, IsTextThatReadsAsItIs) {
    for (const auto* name : {"image.iso", "Bücher", "東京.tar", "a\u200db", "פ.zip"})
        EXPECT_EQ(entry_name_fault(name), std::nullopt) << name;
    EXPECT_EQ(entry_name_fault("b\xfc"
                               "cher"),
              "is not UTF-8");
    EXPECT_EQ(entry_name_fault("cut \xe2\x80"), "is not UTF-8");
    for (const auto* mark : {"\u200e", "\u200f", "\u202a", "\u202e", "\u2066", "\u2069", "\u0085", "\ufeff"})
        EXPECT_TRUE(entry_name_fault("photo" + std::string(mark) + "gpj.exe"));
}

}  // namespace
}  // namespace spate::catalogue_protocol
