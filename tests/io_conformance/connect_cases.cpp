// connect(), listen() and accepting: io/network.h, and Listener of io/stream.h.
#include <gmock/gmock.h>

#include "tests/io_conformance/network_cases.h"

namespace spate::io {
namespace {

using Connected = Result<std::unique_ptr<Stream>>;

TEST_P(ConnectConformance, BothSidesGetAStreamAndKnowEachOther) {
    NotingListener notes;
    const auto listener = listen(notes);
    std::unique_ptr<Stream> near;
    const auto pending = world().network.connect(listener->local(), [&](Connected stream) {
        ASSERT_TRUE(stream) << stream.error().message();
        near = std::move(*stream);
    });
    EXPECT_EQ(near, nullptr);
    ASSERT_TRUE(run_until([&] { return near && notes.accepted.size() == 1; }));
    const Stream& far = *notes.accepted[0];
    EXPECT_EQ(near->remote(), listener->local());
    EXPECT_EQ(far.local(), listener->local());
    EXPECT_EQ(far.remote(), near->local());
    EXPECT_NE(near->local().port, 0);
    EXPECT_EQ(notes.errors, 0);
}

TEST_P(ConnectConformance, WhereNobodyListensItIsRefusedLater) {
    std::optional<Error> error;
    const Endpoint nobody = closed_endpoint();
    const auto pending = world().network.connect(nobody, [&](Connected stream) {
        ASSERT_FALSE(stream);
        error = stream.error();
    });
    EXPECT_FALSE(error);
    ASSERT_TRUE(run_until([&] { return error.has_value(); }));
    EXPECT_TRUE(error->is(std::errc::connection_refused)) << error->message();
    EXPECT_EQ(error->object, nobody.text());
}

TEST_P(ConnectConformance, CancelledItDoesNotCallBack) {
    NotingListener notes;
    const auto listener = listen(notes);
    int calls = 0;
    auto to_listener = world().network.connect(listener->local(), [&](Connected) { ++calls; });
    auto to_nobody = world().network.connect(closed_endpoint(), [&](Connected) { ++calls; });
    to_listener.reset();
    to_nobody.reset();
    run_a_while();
    EXPECT_EQ(calls, 0);
}

TEST_P(ConnectConformance, TheCallbackMayDestroyThePending) {
    NotingListener notes;
    const auto listener = listen(notes);
    int calls = 0;
    std::unique_ptr<Stream> kept;
    std::unique_ptr<Pending> good;
    std::unique_ptr<Pending> refused;
    good = world().network.connect(listener->local(), [&](Connected stream) {
        good.reset();
        kept = std::move(stream.value());
        ++calls;
    });
    refused = world().network.connect(closed_endpoint(), [&](Connected) {
        refused.reset();
        ++calls;
    });
    ASSERT_TRUE(run_until([&] { return calls == 2; }));
    EXPECT_NE(kept, nullptr);
}

TEST_P(ConnectConformance, TheCallbackMayConnectAgain) {
    int refusals = 0;
    const Endpoint nobody = closed_endpoint();
    std::unique_ptr<Pending> pending;
    std::function<void()> again = [&] {
        pending = world().network.connect(nobody, [&](Connected stream) {
            EXPECT_FALSE(stream);
            if (++refusals < 3) again();
        });
    };
    again();
    EXPECT_TRUE(run_until([&] { return refusals == 3; }));
}

TEST_P(ConnectConformance, PortZeroPicksAFreePort) {
    NotingListener notes;
    const auto first = listen(notes);
    const auto second = listen(notes);
    EXPECT_NE(first->local().port, 0);
    EXPECT_NE(second->local().port, 0);
    EXPECT_NE(first->local().port, second->local().port);
    EXPECT_EQ(first->local().address, far_address());
}

TEST_P(ConnectConformance, APortInUseIsRefusedAndFreeOnceClosed) {
    NotingListener notes;
    auto first = listen(notes);
    const Endpoint taken = first->local();
    const auto second = far_world().network.listen(taken, notes);
    ASSERT_FALSE(second);
    EXPECT_TRUE(second.error().is(std::errc::address_in_use)) << second.error().message();
    EXPECT_EQ(second.error().object, taken.text());
    first.reset();
    EXPECT_TRUE(far_world().network.listen(taken, notes));
}

TEST_P(ConnectConformance, APortIsFreeAtOnceAlthoughConnectionsOfItWereClosed) {
    NotingListener notes;
    auto listener = listen(notes);
    const Endpoint endpoint = listener->local();
    std::unique_ptr<Stream> near;
    const auto pending =
        world().network.connect(endpoint, [&](Connected stream) { near = std::move(stream.value()); });
    ASSERT_TRUE(run_until([&] { return near && !notes.accepted.empty(); }));
    notes.accepted.clear();  // the listening side closes first: it keeps the closed connection's memory
    listener.reset();
    run_a_while();
    near.reset();
    EXPECT_TRUE(far_world().network.listen(endpoint, notes));
}

TEST_P(ConnectConformance, AnAddressThatIsNotOursCannotBeListenedOn) {
    NotingListener notes;
    const auto listener = world().network.listen({Address::v4(192, 0, 2, 77), 0}, notes);
    ASSERT_FALSE(listener);
    EXPECT_TRUE(listener.error().is(std::errc::address_not_available)) << listener.error().message();
}

TEST_P(ConnectConformance, ManyAtOnceAreAllAccepted) {
    constexpr std::size_t count = 200;
    NotingListener notes;
    const auto listener = listen(notes);
    std::vector<std::unique_ptr<Pending>> pending;
    std::vector<std::unique_ptr<Stream>> near;
    for (std::size_t i = 0; i < count; ++i) {
        pending.push_back(world().network.connect(
            listener->local(), [&](Connected stream) { near.push_back(std::move(stream.value())); }));
    }
    EXPECT_TRUE(run_until([&] { return near.size() == count && notes.accepted.size() == count; }));
}

TEST_P(ConnectConformance, APausedListenerLeavesConnectionsInTheBacklog) {
    NotingListener notes;
    const auto listener = listen(notes);
    listener->pause();
    std::unique_ptr<Stream> near;
    const auto pending = world().network.connect(listener->local(),
                                                 [&](Connected stream) { near = std::move(stream.value()); });
    ASSERT_TRUE(run_until([&] { return near != nullptr; }));
    run_a_while();
    EXPECT_TRUE(notes.accepted.empty());
    listener->resume();
    EXPECT_TRUE(notes.accepted.empty());
    EXPECT_TRUE(run_until([&] { return notes.accepted.size() == 1; }));
}

TEST_P(ConnectConformance, PausedInItsHandlerItAcceptsNoMore) {
    NotingListener notes;
    const auto listener = listen(notes);
    notes.then = [&] { listener->pause(); };
    std::vector<std::unique_ptr<Pending>> pending;
    std::vector<std::unique_ptr<Stream>> near;
    for (int i = 0; i < 3; ++i) {
        pending.push_back(world().network.connect(
            listener->local(), [&](Connected stream) { near.push_back(std::move(stream.value())); }));
    }
    ASSERT_TRUE(run_until([&] { return near.size() == 3 && !notes.accepted.empty(); }));
    run_a_while();
    EXPECT_EQ(notes.accepted.size(), 1u);
    listener->resume();
    EXPECT_TRUE(run_until([&] { return notes.accepted.size() == 2; }));
}

TEST_P(ConnectConformance, AListenerMayBeDestroyedInItsHandler) {
    NotingListener notes;
    std::unique_ptr<Listener> listener = listen(notes);
    const Endpoint endpoint = listener->local();
    notes.then = [&] { listener.reset(); };
    int answers = 0;
    std::vector<std::unique_ptr<Pending>> pending;
    std::vector<Connected> outcomes;
    for (int i = 0; i < 3; ++i) {
        pending.push_back(world().network.connect(endpoint, [&](Connected stream) {
            outcomes.push_back(std::move(stream));
            ++answers;
        }));
    }
    ASSERT_TRUE(run_until([&] { return answers == 3 && !notes.accepted.empty(); }));
    run_a_while();
    EXPECT_EQ(notes.accepted.size(), 1u);
}

TEST_P(ConnectConformance, AListenerDestroyedHandsOutNothingMore) {
    NotingListener notes;
    std::unique_ptr<Listener> listener = listen(notes);
    const auto pending = world().network.connect(listener->local(), [](Connected) {});
    listener.reset();
    run_a_while();
    EXPECT_TRUE(notes.accepted.empty());
}

}  // namespace
}  // namespace spate::io
