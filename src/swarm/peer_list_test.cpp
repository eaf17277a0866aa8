#include "swarm/peer_list.h"

#include <algorithm>
#include <gtest/gtest.h>

namespace spate::swarm {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

Endpoint at(const char* text) {
    return *Endpoint::parse(text);
}
const Address far = *Address::parse("9.9.9.9");

struct List : PeerList {
    explicit List(PeerListOptions options = {}) : PeerList(options) {}
    AddResult tell(const char* text, PeerSource source = PeerSource::tracker) {
        return add(at(text), source, far);
    }
    std::optional<Endpoint> try_next(bool seeding = false) { return next(seeding, now); }
    void fail(const Endpoint& endpoint, PeerEnd end = PeerEnd::not_reached) {
        ended(endpoint, end, now, rng);
    }
    TimePoint now{};
    Rng rng{1};
};

TEST(PeerList, WhatIsNotTaken) {
    List list;
    list.add_own(at("8.8.8.8:6881"));
    EXPECT_EQ(list.tell("1.2.3.4:0"), AddResult::unusable);
    EXPECT_EQ(list.tell("1.2.3.4:1"), AddResult::unusable);
    EXPECT_EQ(list.tell("8.8.8.8:6881"), AddResult::own);
    EXPECT_EQ(list.tell("[::ffff:8.8.8.8]:6881"), AddResult::own);
    for (const auto* text : {"127.0.0.1:80", "0.0.0.0:6881", "224.1.1.1:6881", "192.168.1.1:6881"})
        EXPECT_EQ(list.tell(text), AddResult::unusable) << text;
    EXPECT_EQ(list.tell("1.2.3.4:25"), AddResult::added);
    EXPECT_EQ(list.tell("1.2.3.5:25", PeerSource::pex), AddResult::unusable);
    EXPECT_EQ(list.tell("192.168.1.1:6881", PeerSource::magnet), AddResult::added);
    EXPECT_EQ(list.tell("0.0.0.0:6881", PeerSource::user), AddResult::unusable);
    EXPECT_EQ(list.add(at("192.168.1.2:6881"), PeerSource::tracker, *Address::parse("192.168.1.9")),
              AddResult::added);
    EXPECT_EQ(list.tell("1.2.3.4:25"), AddResult::known);
    EXPECT_EQ(list.size(), 3U);
}

TEST(PeerList, BestFirst) {
    List list;
    list.tell("1.2.3.4:2000", PeerSource::pex);
    list.tell("1.2.3.5:2000", PeerSource::tracker);
    list.tell("1.2.3.6:2000", PeerSource::magnet);
    list.tell("10.0.0.1:2000", PeerSource::resume);
    list.add(at("1.2.3.7:2000"), PeerSource::user, far, true);
    std::vector<std::string> order;
    while (const auto peer = list.try_next(true)) order.push_back(peer->text());
    EXPECT_EQ(order,
              (std::vector<std::string>{"10.0.0.1:2000", "1.2.3.6:2000", "1.2.3.5:2000", "1.2.3.4:2000"}));
    EXPECT_EQ(list.half_open(), 4U);
    EXPECT_EQ(list.try_next(false), at("1.2.3.7:2000"));  // a seed, when we are none
}

TEST(PeerList, PausesGrowAndOutliveBeingToldAgain) {
    List list;
    list.tell("1.2.3.4:2000");
    auto before = Duration{};
    for (int i = 0; i + 1 < PeerList::failures_max; ++i) {
        const auto peer = list.try_next();
        ASSERT_TRUE(peer);
        list.fail(*peer);
        list.tell("1.2.3.4:2000");
        EXPECT_FALSE(list.try_next());
        const auto pause = list.next_ready(false) - list.now;
        const auto whole = std::min<Duration>(PeerList::retry_first * (1 << i), PeerList::retry_max);
        EXPECT_LE(pause, whole);
        EXPECT_GE(pause, whole / 2);
        EXPECT_GE(pause * 2, before);
        before = pause;
        list.now += pause;
    }
    list.fail(*list.try_next());
    list.now += minutes(600);
    EXPECT_FALSE(list.try_next());
    EXPECT_EQ(list.next_ready(false), never);
    list.tell("1.2.3.4:2000");
    EXPECT_TRUE(list.try_next());
}

TEST(PeerList, OneConnectionAnAddressExceptOnLoopback) {
    List list;
    list.tell("1.2.3.4:2000");
    list.tell("1.2.3.4:2001");
    const auto first = list.try_next();
    ASSERT_TRUE(first);
    EXPECT_FALSE(list.try_next());
    EXPECT_TRUE(list.may_accept(first->address));  // they cross: peer ids decide
    list.connected(*first);
    EXPECT_FALSE(list.may_accept(first->address));
    EXPECT_EQ(list.connected_count(), 1U);
    EXPECT_EQ(list.half_open(), 0U);
    list.fail(*first, PeerEnd::lost);
    EXPECT_TRUE(list.may_accept(first->address));
    list.accepted(at("1.2.3.4:50000"));
    EXPECT_FALSE(list.try_next());

    List local;
    local.tell("127.0.0.1:2000", PeerSource::user);
    local.tell("127.0.0.1:2001", PeerSource::user);
    EXPECT_TRUE(local.try_next() && local.try_next());
    EXPECT_TRUE(local.may_accept(Address::loopback()));

    List several({.several_per_address = true});
    several.tell("1.2.3.4:2000");
    several.tell("1.2.3.4:2001");
    EXPECT_TRUE(several.try_next() && several.try_next());
}

TEST(PeerList, WhoCameInIsNotCalledWhileItIsHereButLater) {
    List list;
    list.accepted(at("127.0.0.1:50000"));
    list.listens_at(at("127.0.0.1:50000"), 2000);
    EXPECT_EQ(list.tell("127.0.0.1:2000", PeerSource::user), AddResult::known);
    EXPECT_FALSE(list.try_next());
    EXPECT_EQ(list.connected_count(), 1U);
    list.fail(at("127.0.0.1:50000"), PeerEnd::lost);
    EXPECT_EQ(list.connected_count(), 0U);
    list.now += PeerList::retry_first;
    EXPECT_EQ(list.try_next(), at("127.0.0.1:2000"));
    EXPECT_EQ(list.good_peers(10), std::vector{at("127.0.0.1:2000")});
}

TEST(PeerList, ACrossedConnectionDoesNotFreeTheOther) {
    List list;
    list.tell("127.0.0.1:2000", PeerSource::user);
    const auto ours = list.try_next();
    list.connected(*ours);
    list.accepted(at("127.0.0.1:50000"));
    list.listens_at(at("127.0.0.1:50000"), 2000);
    list.fail(at("127.0.0.1:50000"), PeerEnd::useless);
    EXPECT_FALSE(list.try_next());
    EXPECT_EQ(list.connected_count(), 1U);
    EXPECT_TRUE(keep_ours(std::string("a"), std::string("b")));
    EXPECT_FALSE(keep_ours(std::string("b"), std::string("a")));
}

TEST(PeerList, BansAreForTheAddressAndOnLoopbackForTheEndpoint) {
    List list;
    list.tell("1.2.3.4:2000");
    list.tell("1.2.3.4:2001");
    list.tell("127.0.0.1:2000", PeerSource::user);
    list.tell("127.0.0.1:2001", PeerSource::user);
    list.ban(at("1.2.3.4:50000"));
    list.ban(at("127.0.0.1:2000"));
    list.ban(at("127.0.0.1:2000"));
    EXPECT_EQ(list.banned_count(), 2U);
    EXPECT_FALSE(list.may_accept(at("1.2.3.4:1").address));
    EXPECT_EQ(list.tell("1.2.3.4:3000"), AddResult::banned);
    EXPECT_EQ(list.try_next(), at("127.0.0.1:2001"));
    EXPECT_FALSE(list.try_next());
    EXPECT_EQ(list.size(), 1U);
    for (std::uint32_t i = 0; i < PeerList::bans_max; ++i)
        list.ban({Address::v4(5, 5, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)), 9});
    EXPECT_LE(list.banned_count(), PeerList::bans_max);
    EXPECT_FALSE(list.banned(at("1.2.3.4:1")));
}

TEST(PeerList, ABanWhileConnectedEndsItForGood) {
    List list;
    list.tell("1.2.3.4:2000");
    const auto peer = list.try_next();
    list.connected(*peer);
    list.ban(*peer);
    list.fail(*peer, PeerEnd::wrong);
    EXPECT_EQ(list.size(), 0U);
}

Endpoint numbered(std::uint32_t i) {
    return {Address::v4(40, static_cast<std::uint8_t>(i >> 16), static_cast<std::uint8_t>(i >> 8),
                        static_cast<std::uint8_t>(i)),
            6881};
}

TEST(PeerList, PexHasItsShares) {
    List list({.peers_max = 1000});
    std::size_t taken = 0;
    for (std::uint32_t i = 0; i < 500; ++i)
        taken += list.add(numbered(i), PeerSource::pex, far) == AddResult::added;
    EXPECT_EQ(taken, PeerList::pex_share_max);
    for (std::uint32_t i = 500; i < 3000; ++i)
        taken += list.add(numbered(i), PeerSource::pex, numbered(i / 50).address) == AddResult::added;
    EXPECT_EQ(taken, 500U);
    // What was tried frees the share.
    EXPECT_TRUE(list.try_next());
    EXPECT_EQ(list.add(numbered(9000), PeerSource::pex, numbered(9000).address), AddResult::added);
}

TEST(PeerList, AFullListGivesUpFailuresAndHearsay) {
    List list({.peers_max = 100});
    for (std::uint32_t i = 0; i < 50; ++i) list.add(numbered(i), PeerSource::pex, far);
    for (std::uint32_t i = 50; i < 100; ++i)
        EXPECT_EQ(list.add(numbered(i), PeerSource::tracker, far), AddResult::added);
    EXPECT_EQ(list.size(), 100U);
    EXPECT_EQ(list.add(numbered(100), PeerSource::tracker, far), AddResult::added);
    EXPECT_EQ(list.size(), 100U);
    for (std::uint32_t i = 101; i < 300; ++i) list.add(numbered(i), PeerSource::tracker, far);
    EXPECT_EQ(list.add(numbered(999), PeerSource::tracker, far), AddResult::too_many);
    EXPECT_EQ(list.size(), 100U);
    list.fail(*list.try_next());
    EXPECT_EQ(list.add(numbered(999), PeerSource::tracker, far), AddResult::added);
}

// The old connection of an end may have died unseen when the same end comes again.
TEST(PeerList, TheSameEndTwice) {
    List list;
    list.accepted(at("10.1.2.3:4000"));
    list.accepted(at("10.1.2.3:4000"));
    EXPECT_EQ(list.connected_count(), 1U);
    list.fail(at("10.1.2.3:4000"), PeerEnd::lost);
    list.fail(at("10.1.2.3:4000"), PeerEnd::lost);
    EXPECT_EQ(list.connected_count(), 0U);
    list.accepted(at("10.1.2.3:4000"));
    EXPECT_EQ(list.connected_count(), 1U);
}

TEST(PeerList, APrivateAddressHasItsShare) {
    List list({.per_local_address = 3});
    for (std::uint16_t port = 1; port <= 3; ++port) {
        EXPECT_TRUE(list.may_accept(at("192.168.1.9:1").address));
        list.accepted({at("192.168.1.9:1").address, port});
    }
    EXPECT_FALSE(list.may_accept(at("192.168.1.9:1").address));
    EXPECT_TRUE(list.may_accept(at("192.168.1.10:1").address));
    for (std::uint16_t port = 1; port <= 100; ++port) list.accepted({Address::loopback(), port});
    EXPECT_TRUE(list.may_accept(Address::loopback()));
}

// Somebody else may have stolen its peer id: that costs it minutes at most.
TEST(PeerList, ADuplicateIsTriedAgainBeforeLong) {
    List list;
    list.tell("1.2.3.4:2000");
    for (int i = 0; i < 20; ++i) {
        const auto peer = list.try_next();
        ASSERT_TRUE(peer) << i;
        list.connected(*peer);
        list.fail(*peer, PeerEnd::duplicate);
        EXPECT_LE(list.next_ready(false) - list.now, PeerList::duplicate_max);
        list.now = list.next_ready(false);
    }
}

TEST(PeerList, AHouseholdOfIpv6IsOneAddress) {
    List list;
    list.tell("[2a01:4f8:1:2::7]:6881");
    list.ban(at("[2a01:4f8:1:2::9]:4000"));
    EXPECT_EQ(list.size(), 0U);
    EXPECT_EQ(list.tell("[2a01:4f8:1:2:ffff::1]:6881"), AddResult::banned);
    EXPECT_FALSE(list.may_accept(at("[2a01:4f8:1:2::1]:1").address));
    EXPECT_EQ(list.tell("[2a01:4f8:1:3::1]:6881"), AddResult::added);
    list.accepted(at("[2a01:4f8:1:3::8]:5000"));
    EXPECT_FALSE(list.may_accept(at("[2a01:4f8:1:3::9]:1").address));
    EXPECT_FALSE(list.try_next());
}

}  // namespace
}  // namespace spate::swarm
