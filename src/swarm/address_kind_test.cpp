#include "swarm/address_kind.h"

#include <gtest/gtest.h>

namespace spate::swarm {
namespace {

Address at(const char* text) {
    return *Address::parse(text);
}

TEST(AddressKind, Kinds) {
    for (const auto* text : {"127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"})
        EXPECT_EQ(kind_of(at(text)), AddressKind::loopback) << text;
    for (const auto* text : {"10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.7.7", "169.254.1.1",
                             "100.64.0.1", "fe80::1", "fd00::1", "::ffff:10.0.0.1"})
        EXPECT_EQ(kind_of(at(text)), AddressKind::local) << text;
    for (const auto* text :
         {"1.1.1.1", "172.32.0.1", "172.15.0.1", "192.169.0.1", "100.128.0.1", "2001:470::1"})
        EXPECT_EQ(kind_of(at(text)), AddressKind::global) << text;
    for (const auto* text : {"0.0.0.0", "0.1.2.3", "224.0.0.1", "239.1.1.1", "255.255.255.255", "240.0.0.1",
                             "::", "ff02::1", "64:ff9b::1"})
        EXPECT_EQ(kind_of(at(text)), AddressKind::unusable) << text;
}

TEST(AddressKind, NobodyFarAwayPointsUsAtOurOwnNetwork) {
    const auto far = at("1.2.3.4"), lan = at("192.168.1.2"), here = at("127.0.0.1");
    EXPECT_TRUE(may_tell(far, at("5.6.7.8")));
    EXPECT_FALSE(may_tell(far, lan));
    EXPECT_FALSE(may_tell(far, here));
    EXPECT_TRUE(may_tell(lan, at("10.0.0.9")));
    EXPECT_FALSE(may_tell(lan, here));
    EXPECT_TRUE(may_tell(here, here));
    EXPECT_TRUE(may_tell(here, lan));
    EXPECT_FALSE(may_tell(here, at("224.0.0.1")));
}

TEST(AddressKind, Ranges) {
    EXPECT_EQ(range_of(at("1.2.3.4")), at("1.2.3.0"));
    EXPECT_EQ(range_of(at("2001:db8:1:2::9")), at("2001:db8:1::"));
}

TEST(AddressKind, PriorityOfBep40) {
    EXPECT_EQ(crc32c(as_bytes("123456789")), 0xe3069283U);
    const auto priority = [](const char* a, const char* b) {
        const auto one = canonical_priority({at(a), 1}, {at(b), 1});
        EXPECT_EQ(one, canonical_priority({at(b), 1}, {at(a), 1}));
        return one;
    };
    EXPECT_EQ(priority("123.213.32.10", "98.76.54.32"), 0xec2d7224U);
    EXPECT_EQ(priority("123.213.32.10", "123.213.32.234"), 0x99568189U);
    EXPECT_NE(canonical_priority({at("1.1.1.1"), 10}, {at("1.1.1.1"), 20}),
              canonical_priority({at("1.1.1.1"), 10}, {at("1.1.1.1"), 21}));
    EXPECT_EQ(priority("1.1.1.1", "2001:470::1"), 0U);
}

}  // namespace
}  // namespace spate::swarm
