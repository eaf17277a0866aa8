#include "base/utf8.h"

#include <gtest/gtest.h>
#include <string>

#include "base/fingerprint.h"

namespace spate {
namespace {

TEST(Utf8, RoundTripsEveryCharacterAndNothingElse) {
    for (char32_t code = 0; code <= 0x110000; ++code) {
        std::string text;
        append_utf8(text, code);
        const auto decoded = decode_utf8(text);
        const bool legal = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
        ASSERT_EQ(decoded.has_value(), legal) << std::uint32_t{code};
        if (legal) {
            ASSERT_TRUE(decoded->code == code && decoded->bytes == text.size());
        }
    }
    for (const char* bad :
         {"\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf", "\xf5\x80\x80\x80", "\xc3", "\xe2\x82"})
        EXPECT_FALSE(is_utf8(bad));
    EXPECT_FALSE(decode_utf8(""));
}

TEST(Utf8, IsCutBetweenCharacters) {
    const std::string text = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z";  // 1, 2, 3, 4 and 1 bytes
    static constexpr std::size_t kept[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11};
    for (std::size_t room = 0; room < std::size(kept); ++room)
        EXPECT_EQ(cut_utf8(text, room), text.substr(0, kept[room])) << room;
}

TEST(Fingerprint, IsTheSameEverywhere) {
    EXPECT_EQ(fingerprint(""), "cbf29ce484222325");  // published values of FNV-1a
    EXPECT_EQ(fingerprint("a"), "af63dc4c8601ec8c");
    EXPECT_EQ(fingerprint("foobar"), "85944171f73967e8");
    EXPECT_EQ(fingerprint("\xff").size(), fingerprint_digits);
}

}  // namespace
}  // namespace spate
