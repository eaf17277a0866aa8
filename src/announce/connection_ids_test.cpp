#include "announce/connection_ids.h"

#include <gtest/gtest.h>

#include "announce/udp_messages.h"

namespace spate::announce {
namespace {

using namespace std::chrono_literals;

// Numbers of the rows: trackers.md, section 3.2.

class ConnectionIdsTest : public testing::Test {
  protected:
    const Address asker = Address::v4(192, 0, 2, 1);
    const ConnectionIds ids{hash::SipKey{1, 2, 3}};
    static TimePoint at(Duration since_start) { return TimePoint(since_start); }
};

TEST_F(ConnectionIdsTest, AreGoodForTwoMinutesAtLeastAndFourAtMost) {  // rows 3, 6
    for (int second = 0; second < 700; second += 7) {
        const TimePoint issued = at(std::chrono::seconds(second));
        const auto id = ids.issue(asker, issued);
        EXPECT_TRUE(ids.valid(id, asker, issued));
        EXPECT_TRUE(ids.valid(id, asker, issued + 120s)) << second;
        EXPECT_FALSE(ids.valid(id, asker, issued + 240s)) << second;
        EXPECT_FALSE(ids.valid(id, asker, issued + 256 * connection_id_epoch))
            << "the epoch's octet comes round";
    }
}

TEST_F(ConnectionIdsTest, AreBoundToTheAddress) {  // rows 4, 10
    const auto id = ids.issue(asker, at(1s));
    EXPECT_FALSE(ids.valid(id, Address::v4(192, 0, 2, 2), at(1s)));
    EXPECT_TRUE(ids.valid(id, Address::parse("::ffff:192.0.2.1").value(), at(1s)));
    EXPECT_FALSE(ids.valid(id, Address::parse("c000:201::").value(), at(1s)));
}

TEST_F(ConnectionIdsTest, CannotBeMadeUp) {  // row 5
    const auto id = ids.issue(asker, at(1s));
    for (int bit = 0; bit < 64; ++bit)
        EXPECT_FALSE(ids.valid(id ^ (std::uint64_t{1} << bit), asker, at(1s))) << bit;
    EXPECT_FALSE(ids.valid(ids.issue(asker, at(500s)), asker, at(100s))) << "of the future";
    EXPECT_FALSE(ConnectionIds(hash::SipKey{9}).valid(id, asker, at(1s)));
    EXPECT_FALSE(ids.valid(udp_protocol_magic, asker, at(1s)));
    EXPECT_TRUE(ids.valid(ids.issue(asker, TimePoint(-1s)), asker, at(0s)));
}

}  // namespace
}  // namespace spate::announce
