#include <gtest/gtest.h>

#include "base/endpoint.h"
#include "base/hex.h"
#include "base/parse_number.h"
#include "base/printable.h"
#include "base/range_set.h"
#include "base/result.h"
#include "base/rng.h"

namespace spate {
namespace {

TEST(Error, NamesOperationObjectAndReason) {
    EXPECT_EQ(Error::system(ENOENT, "open", "a.txt").message(), "open a.txt: No such file or directory");
    EXPECT_EQ(Error::invalid("parse", "", "too long").message(), "parse: too long");
}

TEST(ParseNumber, TakesOnlyAWholeNumberThatFits) {
    EXPECT_EQ(parse_number<std::uint16_t>("65535"), 65535);
    for (const char* bad : {"", "65536", "-1", "+1", " 1", "1 ", "0x1", "1.0"})
        EXPECT_FALSE(parse_number<std::uint16_t>(bad)) << bad;
    EXPECT_EQ(parse_number<std::uint64_t>("18446744073709551615"), UINT64_MAX);
    EXPECT_FALSE(parse_number<std::uint64_t>("18446744073709551616"));
}

TEST(Address, ParsesAndPrints) {
    for (const char* good : {"0.0.0.0", "127.0.0.1", "255.255.255.255", "::", "::1", "2001:db8::1"}) {
        const auto address = Address::parse(good);
        ASSERT_TRUE(address) << good;
        EXPECT_EQ(address->text(), good);
    }
    for (const char* bad : {"", "1.2.3", "1.2.3.256", "01.2.3.4", "1.2.3.4 ", "::1%lo", "[::1]", "localhost"})
        EXPECT_FALSE(Address::parse(bad)) << bad;
    EXPECT_FALSE(Address::parse(std::string_view("1.2.3.4\0", 8)));
    EXPECT_EQ(Address::parse("::ffff:1.2.3.4")->unmapped(), Address::v4(1, 2, 3, 4));
}

TEST(Address, ASourceIsAnIPv4AddressOrA64) {
    EXPECT_EQ(Address::parse("::ffff:1.2.3.4")->source(), Address::v4(1, 2, 3, 4));
    EXPECT_EQ(Address::parse("2001:db8:0:1::5")->source(), Address::parse("2001:db8:0:1:ffff::9")->source());
    EXPECT_NE(Address::parse("2001:db8:0:1::5")->source(), Address::parse("2001:db8:0:2::5")->source());
}

TEST(Endpoint, ParsesAndPrints) {
    for (const char* good : {"127.0.0.1:0", "1.2.3.4:65535", "[::1]:80"}) {
        const auto endpoint = Endpoint::parse(good);
        ASSERT_TRUE(endpoint) << good;
        EXPECT_EQ(endpoint->text(), good);
    }
    for (const char* bad :
         {"", "1.2.3.4", "1.2.3.4:", "1.2.3.4:65536", "::1:80", "[::1]", "[::1]80", "x:1", ":80"})
        EXPECT_FALSE(Endpoint::parse(bad)) << bad;
}

TEST(HostPort, TakesNamesAndADefaultPort) {
    EXPECT_EQ(HostPort::parse("localhost", 3456)->text(), "localhost:3456");
    EXPECT_EQ(HostPort::parse("localhost:1", 3456)->text(), "localhost:1");
    EXPECT_EQ(HostPort::parse("::1", 3456)->text(), "[::1]:3456");
    EXPECT_EQ(HostPort::parse("[::1]:9", 3456)->text(), "[::1]:9");
    for (const char* bad : {"http://h:1", "two words", "a\nb", "", ":1", "a:", "a:b", "[::1", "[::1]x"})
        EXPECT_FALSE(HostPort::parse(bad, 1)) << bad;
}

TEST(Hex, RoundTrips) {
    EXPECT_EQ(to_hex(as_bytes("\x01\xff")), "01ff");
    EXPECT_EQ(as_text(*from_hex("4A4b")), "JK");
    EXPECT_FALSE(from_hex("abc"));
    EXPECT_FALSE(from_hex("zz"));
}

TEST(Printable, EscapesControlBytesAndCuts) {
    EXPECT_EQ(printable("a\x1b[2J\n\x7f"), "a\\x1b[2J\\x0a\\x7f");
    EXPECT_EQ(printable("abcdef", 3), "abc...");
    EXPECT_EQ(printable("\xc2\x9b"
                        "2J"),
              "\\xc2\\x9b2J");  // U+009B, the other CSI
    EXPECT_EQ(printable("a\xe2\x80\xae"
                        "b"),
              "a\\xe2\\x80\\xaeb");  // right-to-left override
    EXPECT_EQ(printable("\xff"), "\\xff");
    EXPECT_EQ(printable("\xc3\xa4\xe2\x98\x83"), "\xc3\xa4\xe2\x98\x83");
}

TEST(Rng, EqualSeedsEqualSequences) {
    Rng one(7), two(7), other(8);
    EXPECT_EQ(one.next(), two.next());
    EXPECT_NE(one.next(), other.next());
    for (int i = 0; i < 1000; ++i) EXPECT_LT(one.below(3), 3U);
}

TEST(RangeSet, AgreesWithASetOfPositionsUnderRandomWork) {
    Rng rng(1);
    RangeSet set;
    std::vector<bool> model(64, false);
    for (int step = 0; step < 20000; ++step) {
        const std::uint64_t start = rng.below(64);
        const ByteRange range{start, start + rng.below(65 - start)};
        const bool adding = rng.chance(1, 2);
        adding ? set.add(range) : set.remove(range);
        for (auto i = range.start; i < range.end; ++i) model[i] = adding;
        const std::uint64_t from = rng.below(64);
        const ByteRange query{from, from + rng.below(65 - from)};
        std::uint64_t total = 0, inside = 0;
        for (std::size_t i = 0; i < model.size(); ++i) {
            total += model[i];
            inside += model[i] && i >= query.start && i < query.end;
        }
        ASSERT_EQ(set.total(), total);
        ASSERT_EQ(set.contains(query), inside == query.size());
        ASSERT_EQ(set.intersects(query), inside > 0);
        if (const auto gap = set.first_gap(query)) {
            ASSERT_FALSE(gap->empty());
            for (auto i = query.start; i < gap->start; ++i) ASSERT_TRUE(model[i]);
            for (auto i = gap->start; i < gap->end; ++i) ASSERT_FALSE(model[i]);
        }
        const auto list = set.ranges();
        for (std::size_t i = 1; i < list.size(); ++i) ASSERT_LT(list[i - 1].end, list[i].start);
    }
}

}  // namespace
}  // namespace spate
