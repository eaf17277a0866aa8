// The network's faults: each really happens and leaves its mark.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/test_programs.h"

namespace spate::sim {
namespace {

using namespace std::chrono_literals;

const auto reset = std::make_error_code(std::errc::connection_reset);
const auto timed_out = std::make_error_code(std::errc::timed_out);

TEST(SimNetwork, BytesTakeDelayAndBandwidth) {
    Pair pair(1);
    auto& link = pair.network().default_link();
    link.delay_min = link.delay_max = 100ms;
    link.bytes_per_second = 10'000;
    pair.connect();
    const auto start = pair.simulation().now();
    std::string got;
    ASSERT_EQ(Pair::write(*pair.near_stream, std::string(10'000, 'x')), 10'000u);
    ASSERT_TRUE(pair.run_until([&] { return (got += Pair::read(*pair.far_stream)).size() == 10'000; }));
    const auto took = pair.simulation().now() - start;
    EXPECT_GE(took, 1100ms);
    EXPECT_LE(took, 1300ms);
}

TEST(SimNetwork, AHostsUplinkIsSharedByItsConnections) {
    auto settings = plain_host();
    settings.node.up_bytes_per_second = 20'000;
    Pair pair(1, settings);
    pair.connect();
    auto first = std::exchange(pair.near_stream, nullptr);
    auto first_far = std::exchange(pair.far_stream, nullptr);
    ASSERT_FALSE(pair.try_connect());
    ASSERT_TRUE(pair.run_until([&] { return pair.far_stream != nullptr; }));
    const auto start = pair.simulation().now();
    Pair::write(*first, std::string(10'000, 'x'));
    Pair::write(*pair.near_stream, std::string(10'000, 'x'));
    std::size_t got = 0;
    ASSERT_TRUE(pair.run_until([&] {
        got += Pair::read(*first_far).size() + Pair::read(*pair.far_stream).size();
        return got == 20'000;
    }));
    EXPECT_GE(pair.simulation().now() - start, 1s);
}

TEST(SimNetwork, BuffersAreBoundedSoThatWritingBlocks) {
    auto settings = plain_host();
    settings.node.send_buffer = 1000;
    settings.node.receive_buffer = 500;
    Pair pair(1, settings);
    pair.connect();
    EXPECT_EQ(Pair::write(*pair.near_stream, std::string(5000, 'x')), 1000u);
    pair.run_for(1min);
    EXPECT_EQ(Pair::write(*pair.near_stream, std::string(5000, 'x')), 500u);
    EXPECT_EQ(Pair::write(*pair.near_stream, "x"), 0u);
    EXPECT_GE(pair.marked("write would block"), 1u);
    std::size_t got = 0;
    EXPECT_TRUE(pair.run_until([&] { return (got += Pair::read(*pair.far_stream).size()) == 1500; }));
}

TEST(SimNetwork, ReadsAndWritesMayDoLess) {
    auto settings = plain_host();
    settings.node.short_io = 1'000'000;
    Pair pair(3, settings);
    pair.connect();
    std::set<std::size_t> counts;
    for (int i = 0; i < 10; ++i) counts.insert(Pair::write(*pair.near_stream, std::string(100, 'x')));
    EXPECT_GT(counts.size(), 2u);
    EXPECT_GE(pair.marked("short read or write"), 8u);
}

TEST(SimNetwork, APartitionStallsAStreamAndItsHealingLetsItGoOn) {
    Pair pair(1);
    pair.connect();
    pair.network().partition({pair.near.id()}, {pair.far.id()});
    Pair::write(*pair.near_stream, "hello");
    pair.run_for(30s);
    EXPECT_EQ(Pair::read(*pair.far_stream), "");
    EXPECT_GE(pair.marked("stream stalled"), 1u);
    pair.network().heal();
    std::string got;
    EXPECT_TRUE(pair.run_until([&] { return (got += Pair::read(*pair.far_stream)) == "hello"; }));
    EXPECT_FALSE(Pair::read_error(*pair.near_stream));
}

TEST(SimNetwork, WhatIsOnTheWayWhenItIsCutIsSentAgainInOrder) {
    Pair pair(1);
    auto& link = pair.network().default_link();
    link.delay_min = link.delay_max = 1s;
    pair.connect();
    std::string text;
    for (int i = 0; i < 20; ++i) text += "block " + std::to_string(i) + ", ";
    for (std::size_t at = 0; at < text.size(); at += 50) Pair::write(*pair.near_stream, text.substr(at, 50));
    pair.run_for(500ms);
    pair.network().isolate(pair.far.id());
    pair.run_for(5s);
    EXPECT_GE(pair.marked("segments lost in a cut"), 1u);
    pair.network().heal();
    std::string got;
    EXPECT_TRUE(pair.run_until([&] { return (got += Pair::read(*pair.far_stream)) == text; }));
}

TEST(SimNetwork, APartitionThatDoesNotHealTimesTheSenderOut) {
    Pair pair(1);
    pair.connect();
    pair.network().isolate(pair.near.id());
    Pair::write(*pair.near_stream, "hello");
    EXPECT_TRUE(pair.run_until([&] { return Pair::read_error(*pair.near_stream) == timed_out; }));
    EXPECT_FALSE(Pair::read_error(*pair.far_stream));  // it has nothing to say and so hears nothing
    EXPECT_EQ(pair.marked("stream timed out"), 1u);
}

TEST(SimNetwork, ACutOfOneWayLetsTheOtherThrough) {
    Pair pair(1);
    pair.connect();
    pair.network().block(pair.far.id(), pair.near.id());
    Pair::write(*pair.near_stream, "there");
    Pair::write(*pair.far_stream, "back");
    pair.run_for(10s);
    EXPECT_EQ(Pair::read(*pair.far_stream), "there");
    EXPECT_EQ(Pair::read(*pair.near_stream), "");
    // Without acknowledgements the sender gives up, although all arrived.
    EXPECT_TRUE(pair.run_until([&] { return Pair::read_error(*pair.near_stream) == timed_out; }));
}

TEST(SimNetwork, AWayMayResetAtAByte) {
    Pair pair(1);
    pair.network().default_link().reset_at_byte = 5;
    pair.connect();
    Pair::write(*pair.near_stream, "hello world");
    EXPECT_TRUE(pair.run_until([&] { return Pair::read_error(*pair.near_stream) == reset; }));
    EXPECT_EQ(Pair::read(*pair.far_stream), "hello");
    EXPECT_EQ(Pair::read_error(*pair.far_stream), reset);
    EXPECT_EQ(pair.marked("stream reset at byte n"), 1u);
}

TEST(SimNetwork, AWayMayResetAtRandom) {
    Pair pair(1);
    pair.network().default_link().reset = 1'000'000;
    pair.connect();
    Pair::write(*pair.near_stream, "x");
    EXPECT_TRUE(pair.run_until([&] { return Pair::read_error(*pair.far_stream) == reset; }));
    EXPECT_EQ(pair.marked("stream reset by the way"), 1u);
}

TEST(SimNetwork, AWayMayCorruptBytes) {
    Pair pair(1);
    pair.network().default_link().corrupt = 1'000'000;
    pair.connect();
    const std::string sent(100, 'x');
    Pair::write(*pair.near_stream, sent);
    std::string got;
    ASSERT_TRUE(pair.run_until([&] { return (got += Pair::read(*pair.far_stream)).size() == sent.size(); }));
    EXPECT_NE(got, sent);
    EXPECT_GE(pair.marked("stream corrupted"), 1u);
}

TEST(SimNetwork, AWayMayLoseSegmentsWhichThenComeLate) {
    Pair pair(1);
    pair.connect();
    pair.network().default_link().loss = 1'000'000;
    const auto start = pair.simulation().now();
    Pair::write(*pair.near_stream, "x");
    std::string got;
    ASSERT_TRUE(pair.run_until([&] { return (got += Pair::read(*pair.far_stream)) == "x"; }));
    EXPECT_GE(pair.simulation().now() - start, 200ms);
    EXPECT_GE(pair.marked("segment lost"), 1u);
}

TEST(SimNetwork, ConnectsFailInEveryWay) {
    const auto refused = std::make_error_code(std::errc::connection_refused);
    struct Case {
        const char* name;
        void (*prepare)(Pair&);
        std::error_code expected;
    };
    const Case cases[] = {
        {"nothing wrong", [](Pair& p) { p.listen(); }, {}},
        {"nobody listens", [](Pair&) {}, refused},
        {"refused by the way",
         [](Pair& p) {
             p.listen();
             p.network().default_link().refuse = 1'000'000;
         },
         refused},
        {"blackholed",
         [](Pair& p) {
             p.listen();
             p.network().default_link().blackhole = 1'000'000;
         },
         timed_out},
        {"firewalled",
         [](Pair& p) {
             p.listen();
             p.far.node().settings.firewalled = true;
         },
         timed_out},
        {"cut off",
         [](Pair& p) {
             p.listen();
             p.network().isolate(p.far.id());
         },
         timed_out},
        {"without power",
         [](Pair& p) {
             p.listen();
             p.listener.reset();
             p.far.power_cut();
         },
         timed_out},
        {"no descriptors",
         [](Pair& p) {
             p.listen();
             p.near.node().settings.connect_failure = 1'000'000;
         },
         std::make_error_code(std::errc::too_many_files_open)},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.name);
        Pair pair(1);
        c.prepare(pair);
        EXPECT_EQ(pair.try_connect(), c.expected);
    }
}

TEST(SimNetwork, AFullBacklogDelaysConnects) {
    auto settings = plain_host();
    settings.node.backlog_max = 1;
    Pair pair(1, settings);
    pair.listen();
    pair.listener->pause();
    ASSERT_FALSE(pair.try_connect());
    const auto first = std::move(pair.near_stream);
    EXPECT_EQ(pair.try_connect(), timed_out);
}

TEST(SimNetwork, AcceptingFailsAndIsTriedAgain) {
    Pair pair(1);
    pair.listen();
    pair.far.node().settings.accept_failure = 1'000'000;
    ASSERT_FALSE(pair.try_connect());
    pair.run_for(1s);
    EXPECT_GT(pair.accept_errors, 2);
    EXPECT_EQ(pair.far_stream, nullptr);
    pair.far.node().settings.accept_failure = 0;
    EXPECT_TRUE(pair.run_until([&] { return pair.far_stream != nullptr; }));
}

TEST(SimNetwork, NamesAreResolvedUnlessThatFails) {
    Pair pair(1);
    pair.network().set_name("many", std::vector<Address>(40, Address::loopback()));
    const auto resolve = [&](const char* name) {
        std::optional<std::size_t> count;
        const auto pending = pair.near_process.world().resolver.resolve(
            name, [&](auto addresses) { count = addresses ? addresses->size() : 0; });
        pair.run_until([&] { return count.has_value(); });
        return *count;
    };
    EXPECT_EQ(resolve("far"), 1u);
    EXPECT_EQ(resolve("many"), 16u);
    EXPECT_EQ(resolve("nobody"), 0u);
    pair.near.node().settings.resolve_failure = 1'000'000;
    EXPECT_EQ(resolve("far"), 0u);
}

TEST(SimNetwork, ConnectionsAreForgottenWhenBothSidesAreDone) {
    Pair pair(1);
    pair.connect();
    EXPECT_EQ(pair.network().connection_count(), 1u);
    Pair::write(*pair.near_stream, "bye");
    pair.near_stream.reset();
    pair.run_for(1s);
    EXPECT_EQ(Pair::read(*pair.far_stream), "bye");
    EXPECT_TRUE(Pair::at_end(*pair.far_stream));
    pair.far_stream.reset();
    pair.run_for(1s);
    EXPECT_EQ(pair.network().connection_count(), 0u);
}

}  // namespace
}  // namespace spate::sim
