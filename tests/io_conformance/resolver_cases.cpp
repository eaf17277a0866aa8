// Names: Resolver of io/network.h.
#include <gmock/gmock.h>

#include "tests/io_conformance/world_under_test.h"

namespace spate::io {
namespace {
using ::testing::ElementsAre;

using Found = Result<std::vector<Address>>;

TEST_P(ResolverConformance, AnAddressAnswersItselfButNotInsideTheCall) {
    for (const char* text : {"192.0.2.7", "2001:db8::7", "::1"}) {
        std::vector<Address> found;
        const auto pending = world().resolver.resolve(text, [&](Found answer) { found = answer.value(); });
        EXPECT_TRUE(found.empty());
        ASSERT_TRUE(run_until([&] { return !found.empty(); }));
        EXPECT_THAT(found, ElementsAre(*Address::parse(text)));
    }
}

TEST_P(ResolverConformance, LocalhostIsThisMachine) {
    std::optional<Found> found;
    const auto pending =
        world().resolver.resolve("localhost", [&](Found answer) { found = std::move(answer); });
    EXPECT_FALSE(found);
    ASSERT_TRUE(run_until([&] { return found.has_value(); }));
    ASSERT_TRUE(*found) << found->error().message();
    EXPECT_LE((*found)->size(), 16u);
    ASSERT_FALSE((*found)->empty());
    for (const Address& address : **found) EXPECT_TRUE(address.is_loopback()) << address.text();
}

TEST_P(ResolverConformance, WhatIsNoHostIsUnreachableAndNamed) {
    for (const std::string& name : {std::string("no such host"), std::string(), std::string(300, 'x'),
                                    std::string("localhost\0.example", 18)}) {
        std::optional<Found> found;
        const auto pending = world().resolver.resolve(name, [&](Found answer) { found = std::move(answer); });
        EXPECT_FALSE(found);
        ASSERT_TRUE(run_until([&] { return found.has_value(); }));
        ASSERT_FALSE(*found);
        EXPECT_TRUE(found->error().is(std::errc::host_unreachable)) << found->error().message();
        EXPECT_EQ(found->error().object, name);
    }
}

TEST_P(ResolverConformance, CancelledItDoesNotCallBack) {
    int calls = 0;
    const auto held = std::make_shared<int>(0);
    for (const char* name : {"192.0.2.7", "localhost", "no such host"}) {
        auto pending = world().resolver.resolve(name, [&calls, held](Found) { ++calls; });
        pending.reset();
    }
    EXPECT_EQ(held.use_count(), 1);  // a cancelled callback is gone at once
    run_a_while();
    EXPECT_EQ(calls, 0);
}

TEST_P(ResolverConformance, TheCallbackMayDestroyThePendingAndAskAgain) {
    int calls = 0;
    std::unique_ptr<Pending> pending;
    std::function<void()> ask = [&] {
        pending = world().resolver.resolve("localhost", [&](Found) {
            pending.reset();
            if (++calls < 3) ask();
        });
    };
    ask();
    EXPECT_TRUE(run_until([&] { return calls == 3; }));
}

}  // namespace
}  // namespace spate::io
