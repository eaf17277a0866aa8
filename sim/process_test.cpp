// Processes: what a kill, a stop, a pause and a power cut do to a program and to those who talk to it.
#include "sim/process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/test_programs.h"

namespace spate::sim {
namespace {

using namespace std::chrono_literals;

const auto reset = std::make_error_code(std::errc::connection_reset);

// Notes what it gets to do.
struct Ticker {
    explicit Ticker(const ProgramStart& start, std::vector<std::string>& its_notes)
        : world(start.world), notes(its_notes), timer(world.reactor.make_timer([this] { tick(); })) {
        notes.push_back("start");
        timer->arm(world.reactor.now() + 1s);
    }
    ~Ticker() {
        if (at_end) at_end();
        notes.push_back("end");
    }
    void tick() {
        notes.push_back("tick");
        timer->arm(world.reactor.now() + 1s);
    }
    io::World& world;
    std::vector<std::string>& notes;
    std::unique_ptr<io::Timer> timer;
    std::function<void()> at_end;
};

struct TickerBench {
    TickerBench()
        : host(testbed.add_host("host")), process(host.run("ticker", [this](const ProgramStart& start) {
              const auto made = std::make_shared<Ticker>(start, notes);
              ticker = made;
              return made;
          })) {}
    std::vector<std::string> notes;
    std::weak_ptr<Ticker> ticker;
    Testbed testbed{1};
    Host& host;
    Process& process;
};

TEST(SimProcess, NothingOfAKilledOneRunsAndItStartsAgain) {
    TickerBench bench;
    bench.testbed.simulation().run_for(2500ms);
    bench.process.kill();
    bench.testbed.simulation().run_for(10s);
    EXPECT_THAT(bench.notes, testing::ElementsAre("start", "tick", "tick", "end"));
    EXPECT_FALSE(bench.process.running());
    bench.process.start();
    bench.testbed.simulation().run_for(1500ms);
    EXPECT_THAT(bench.notes, testing::ElementsAre("start", "tick", "tick", "end", "start", "tick"));
    EXPECT_EQ(bench.process.starts(), 2u);
}

TEST(SimProcess, TheCallItIsKilledInReturnsWithoutEffect) {
    TickerBench bench;
    auto& disk = bench.host.disk();
    auto folder = std::move(bench.process.world().files.open_folder("/data", io::IfMissing::make).value());
    auto file = std::move(folder->open("f", io::OpenMode::create).value());
    disk.before_call(2, [&] { bench.process.kill(); });
    EXPECT_TRUE(file->write_at(0, as_bytes("a")));
    EXPECT_FALSE(file->write_at(1, as_bytes("b")));
    EXPECT_FALSE(file->write_at(1, as_bytes("c")));
    EXPECT_EQ(disk.get("/data/f")->size(), 1u);
}

TEST(SimProcess, ADeadOnesDestructorReachesNothingAStoppedOnesDoes) {
    for (const bool killed : {true, false}) {
        TickerBench bench;
        auto& world = bench.process.world();
        const std::shared_ptr folder = world.files.open_folder("/data", io::IfMissing::make).value();
        bench.ticker.lock()->at_end = [folder] {
            auto file = folder->open("last words", io::OpenMode::create);
            if (file) {
                EXPECT_TRUE((*file)->write_at(0, as_bytes("bye")));
            }
        };
        killed ? bench.process.kill() : bench.process.stop();
        bench.testbed.simulation().run_for(1s);
        EXPECT_EQ(bench.host.disk().get("/data/last words").has_value(), !killed);
    }
}

TEST(SimProcess, AJobWhoseProcessDiesIsNotCompleted) {
    TickerBench bench;
    int jobs = 0;
    int completions = 0;
    for (int i = 0; i < 10; ++i) {
        bench.process.world().pool.submit(
            [&] {
                if (++jobs == 3) bench.process.kill();
            },
            [&] { ++completions; });
    }
    bench.testbed.simulation().run_for(1s);
    EXPECT_EQ(jobs, 3);
    EXPECT_LT(completions, 3);
}

TEST(SimProcess, MayBeKilledWhileItStarts) {
    Testbed testbed(1);
    auto& host = testbed.add_host("host");
    int made = 0;
    host.disk().before_call(1, [&] { host.power_cut(); });
    auto& process = host.run("p", [&](const ProgramStart& start) {
        ++made;
        EXPECT_EQ(start.world.files.open_folder("/data", io::IfMissing::make).has_value(), made > 1);
        return std::make_shared<int>(0);
    });
    EXPECT_FALSE(process.running());
    EXPECT_TRUE(process.wanted());
    host.power_on();
    EXPECT_TRUE(process.running());
    EXPECT_EQ(made, 2);
}

TEST(SimProcess, OneKilledInTheVeryLastInstantMayHoldSockets) {
    Testbed testbed(1);
    auto& host = testbed.add_host("host");
    struct Owner : io::ListenerHandler {
        explicit Owner(io::World& world)
            : listener(std::move(world.network.listen({Address(), 7}, *this).value())),
              socket(std::move(world.network.open_datagram({Address(), 7}).value())) {}
        void on_accept(std::unique_ptr<io::Stream>) override {}
        void on_accept_error(const Error&) override {}
        std::unique_ptr<io::Listener> listener;
        std::unique_ptr<io::DatagramSocket> socket;
    };
    host.run("p", [](const ProgramStart& start) { return std::make_shared<Owner>(start.world); }).kill();
}

TEST(SimProcess, APausedOneGetsItsEventsLater) {
    TickerBench bench;
    bench.process.pause(10s);
    bench.testbed.simulation().run_for(9s);
    EXPECT_THAT(bench.notes, testing::ElementsAre("start"));
    bench.testbed.simulation().run_for(1500ms);
    EXPECT_THAT(bench.notes, testing::ElementsAre("start", "tick"));
}

TEST(SimProcess, TheKernelOfAKilledOneClosesItsConnections) {
    Pair pair(1);
    pair.connect();
    pair.far_process.kill();
    pair.run_for(1s);
    EXPECT_TRUE(Pair::at_end(*pair.near_stream));
    Pair::write(*pair.near_stream, "x");
    EXPECT_TRUE(pair.run_until([&] { return Pair::read_error(*pair.near_stream) == reset; }));
    EXPECT_EQ(pair.try_connect(), std::make_error_code(std::errc::connection_refused));
}

TEST(SimProcess, AKilledOneWithUnreadBytesResets) {
    Pair pair(1);
    pair.connect();
    Pair::write(*pair.near_stream, "unread");
    pair.run_for(1s);
    pair.far_process.kill();
    pair.run_for(1s);
    EXPECT_EQ(Pair::read_error(*pair.near_stream), reset);
}

TEST(SimHost, APowerCutLeavesTheOthersHalfOpenUntilTheySendAndItIsBack) {
    Pair pair(1);
    pair.connect();
    pair.far.power_cut();
    pair.run_for(10min);
    EXPECT_FALSE(Pair::read_error(*pair.near_stream));
    EXPECT_FALSE(Pair::at_end(*pair.near_stream));
    pair.far.power_on();
    EXPECT_TRUE(pair.far_process.running());
    pair.run_for(10min);
    EXPECT_FALSE(Pair::read_error(*pair.near_stream));
    Pair::write(*pair.near_stream, "are you there?");
    EXPECT_TRUE(pair.run_until([&] { return Pair::read_error(*pair.near_stream) == reset; }));
    pair.near_stream.reset();
    pair.run_for(1s);
    EXPECT_EQ(pair.network().connection_count(), 0u);
}

TEST(SimHost, SendingToOneWithoutPowerTimesOut) {
    Pair pair(1);
    pair.connect();
    pair.far.power_cut();
    Pair::write(*pair.near_stream, "are you there?");
    EXPECT_TRUE(pair.run_until(
        [&] { return Pair::read_error(*pair.near_stream) == std::make_error_code(std::errc::timed_out); }));
}

TEST(SimHost, TheWallClockJumpsAndTimersDoNotCare) {
    TickerBench bench;
    auto& reactor = bench.process.world().reactor;
    const auto before = reactor.wall_now();
    bench.host.jump_wall_clock(-86'400);
    EXPECT_EQ(reactor.wall_now().unix_seconds, before.unix_seconds - 86'400);
    bench.testbed.simulation().run_for(2500ms);
    EXPECT_THAT(bench.notes, testing::ElementsAre("start", "tick", "tick"));
}

TEST(SimHost, RandomnessComesFromTheSeedAndDiffersFromStartToStart) {
    const auto draw = [](std::uint64_t seed, int restarts) {
        TickerBench bench;
        Testbed testbed(seed);
        auto& process = testbed.add_host("host").run("p", idle_program());
        for (int i = 0; i < restarts; ++i) {
            process.kill();
            process.start();
        }
        return process.world().random.next_u64();
    };
    EXPECT_EQ(draw(1, 0), draw(1, 0));
    EXPECT_NE(draw(1, 0), draw(2, 0));
    EXPECT_NE(draw(1, 0), draw(1, 1));
}

}  // namespace
}  // namespace spate::sim
