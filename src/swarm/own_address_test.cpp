#include "swarm/own_address.h"

#include <gtest/gtest.h>

namespace spate::swarm {
namespace {

Address peer(int range, int host = 1) {
    return Address::v4(80, 1, static_cast<std::uint8_t>(range), static_cast<std::uint8_t>(host));
}
const Address ours = Address::v4(90, 2, 3, 4);
const Address lie = Address::v4(91, 2, 3, 4);

TEST(OwnAddress, PeersOfThreeRangesMustAgree) {
    OwnAddress own;
    for (int host = 1; host < 9; ++host) EXPECT_FALSE(own.on_peer_says(peer(1, host), lie));
    EXPECT_FALSE(own.on_peer_says(peer(2), ours));
    EXPECT_FALSE(own.on_peer_says(peer(3), ours));
    EXPECT_FALSE(own.v4());
    EXPECT_TRUE(own.on_peer_says(peer(4), ours));
    EXPECT_FALSE(own.on_peer_says(peer(5), ours));  // known
    EXPECT_EQ(own.v4(), ours);
    EXPECT_FALSE(own.v6());
}

TEST(OwnAddress, ATrackerIsBelievedAndLocalAddressesNever) {
    OwnAddress own;
    EXPECT_FALSE(own.on_tracker_says(Address::v4(192, 168, 1, 2)));
    EXPECT_FALSE(own.on_tracker_says(Address::loopback()));
    const auto v6 = *Address::parse("2a01:4f8::7");
    EXPECT_TRUE(own.on_tracker_says(v6));
    EXPECT_FALSE(own.on_tracker_says(v6));
    EXPECT_EQ(own.v6(), v6);
    for (int range = 1; range < 9; ++range) own.on_peer_says(peer(range), Address::v4(10, 0, 0, 1));
    EXPECT_FALSE(own.v4());
}

TEST(OwnAddress, OldWordsAreForgotten) {
    OwnAddress own;
    own.on_peer_says(peer(201), ours);
    own.on_peer_says(peer(202), ours);
    for (int i = 0; i < static_cast<int>(OwnAddress::voters_max); ++i)
        own.on_peer_says(peer(i), Address::v4(90, 9, 9, static_cast<std::uint8_t>(i)));
    EXPECT_FALSE(own.on_peer_says(peer(203), ours));
}

}  // namespace
}  // namespace spate::swarm
