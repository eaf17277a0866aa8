// The classic sender in simulated worlds, asked by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/scenarios/classic_test_world.h"

namespace spate::sim {
namespace {

using namespace std::chrono_literals;

class ClassicSender : public testing::Test {
  protected:
    ClassicSender()
        : host_(world_.host("sender")), client_(world_.host("client").run("client", idle_program())) {}

    // Sender 2 of 5 with all its parts announced, unless told otherwise.
    void start(classic_peer::SenderOptions options = second(), int parts = 4) {
        world_.sender(host_, options, events_);
        ASSERT_TRUE(
            world_.run_until([&] { return events_->announced.size() >= static_cast<std::size_t>(parts); }));
    }
    static classic_peer::SenderOptions second() {
        classic_peer::SenderOptions options;
        options.sender = 2;
        return options;
    }
    std::string ask(const std::string& text, Duration patience = 5s) {
        HandClient client(client_.world(), {host_.address(), 6361}, text);
        world_.run_until([&] { return client.closed; }, patience);
        closed_ = client.closed;
        return client.reply;
    }
    std::string bytes(std::uint64_t start, std::uint64_t end) const {
        return world_.file.substr(start, end - start);
    }

    ClassicWorld world_{100'000};
    std::shared_ptr<NotedEvents> events_ = std::make_shared<NotedEvents>();
    Host& host_;
    Process& client_;
    bool closed_ = false;
};

TEST_F(ClassicSender, AdvertisesItsFifthInFourPartsTwoSecondsApart) {
    start(second(), 1);
    const TimePoint first = world_.simulation().now();
    ASSERT_TRUE(world_.run_until([&] { return events_->announced.size() == 4; }));
    EXPECT_NEAR(static_cast<double>((world_.simulation().now() - first).count()), 6e9, 2e8);
    EXPECT_THAT(events_->announced,
                testing::ElementsAre(ByteRange{20'000, 25'000}, ByteRange{20'000, 30'000},
                                     ByteRange{20'000, 35'000}, ByteRange{20'000, 40'000}));
    EXPECT_THAT(events_->sentences,
                testing::ElementsAre(
                    "I am client_2, and I am advertising the following chunk of the file: 21% to 25%",
                    "I am client_2, and I am advertising the following chunk of the file: 26% to 30%",
                    "I am client_2, and I am advertising the following chunk of the file: 31% to 35%",
                    "I am client_2, and I am advertising the following chunk of the file: 36% to 40%"));
}

TEST_F(ClassicSender, ServesTheWholeFileUntilItsFirstUpdateAndThenWhatItAnnounced) {
    std::string before;
    world_.board->on_claim = [&](const std::string&, std::uint16_t, ByteRange range) {
        if (range.size() == world_.file.size()) world_.testbed.network().isolate(world_.tracker.id());
    };
    world_.sender(host_, second(), events_);
    ASSERT_TRUE(world_.run_until([&] { return !world_.board->files.empty(); }));
    EXPECT_EQ(ask("<GET movie.avi 0 1023>\n"), bytes(0, 1024));
    world_.testbed.network().heal();
    ASSERT_TRUE(world_.run_until([&] { return !events_->announced.empty(); }));
    EXPECT_EQ(ask("<GET movie.avi 0 1023>\n"), "<GET invalid>\n");
    EXPECT_EQ(ask("<GET movie.avi 20000 21023>\n"), bytes(20'000, 21'024));
    EXPECT_EQ(ask("<GET movie.avi 25000 26023>\n"), "<GET invalid>\n");
}

TEST_F(ClassicSender, AnswersEveryForm) {
    start();
    const std::string data = bytes(20'000, 20'100);
    EXPECT_EQ(ask("<GET movie.avi 20000 20099>\n"), data);
    EXPECT_EQ(ask("GET movie.avi 20000 20100\n"), data);
    EXPECT_EQ(ask("<GETCHUNK movie.avi 20000 20100>\n"), "<REP CHUNK 100>\n" + data);
    EXPECT_EQ(ask("GETCHUNK movie.avi 20000 20099\n"), "OK 20000 20099\n" + data);
    EXPECT_THAT(ask("<GET SEG movie.avi 20000 100>"), testing::StartsWith("<GET GOT 100>\n"));
    EXPECT_EQ(ask("<GET 20000 20100>\n"), "<REP GET BEGIN>\n" + data + "<REP GET END>\n");
    EXPECT_TRUE(closed_);
    EXPECT_EQ(ask("GET movie.avi 20000 100\n"), "REP GET BEGIN" + data + "REP GET END");
    EXPECT_FALSE(closed_);
    EXPECT_EQ(ask("<GET movie.avi 20000 +100>\n<GET movie.avi 0 +1>\n<GET movie.avi 20000 +1>\n"),
              "<GET ok 100>\n" + data + "<GET error>\n<GET ok 1>\n" + data.substr(0, 1));
    EXPECT_FALSE(closed_);
}

TEST_F(ClassicSender, RefusesInTheFormsOwnDress) {
    start();
    EXPECT_EQ(ask("<GET movie.avi 20000 21025>\n"), "<GET invalid>\n");  // 1026 bytes
    EXPECT_EQ(ask("<GET other.avi 20000 20099>\n"), "<GET invalid>\n");
    EXPECT_EQ(ask("<GET movie.avi 99999 100001>\n"), "<GET invalid>\n");
    EXPECT_EQ(ask("<GET movie.avi -1 100>\n"), "<GET invalid>\n");
    EXPECT_EQ(ask("<GET 20000 21025>\n"), "<REP GET INVALID>\n");
    EXPECT_EQ(ask("<GET movie.avi 0 +1>\n"), "<GET error>\n");
    EXPECT_THAT(ask("GETCHUNK movie.avi 0 1\n"), testing::StartsWith("ERR "));
    EXPECT_EQ(ask("nonsense\n"), "<GET invalid>\n");
    EXPECT_EQ(ask(std::string(5'000, 'a')), "<GET invalid>\n");
    EXPECT_TRUE(closed_);
}

TEST_F(ClassicSender, GivesTheOriginalProgramsItsFifthPartByPart) {
    start(second(), 1);
    EXPECT_EQ(ask("file2", 60s), bytes(20'000, 40'000));
    EXPECT_TRUE(closed_);
    world_.run_for(1s);
    EXPECT_EQ(events_->announced.size(), 4U);  // it waited for the parts
    EXPECT_THAT(events_->sentences, testing::Contains("Transferring 21 to 25 percent of the file"));
    EXPECT_EQ(ask("file1"), "");
    EXPECT_TRUE(closed_);
}

TEST_F(ClassicSender, EndsIfTheTrackerHasAnotherFileOfTheName) {
    world_.list_peer(world_.host("other"), 1, {0, 5});
    world_.board->files[ClassicWorld::name].md5 = std::string(32, 'a');
    world_.sender(host_, second(), events_);
    ASSERT_TRUE(world_.run_until([&] { return events_->ended; }));
    EXPECT_TRUE(events_->error.is(std::errc::file_exists));
    EXPECT_THAT(events_->announced, testing::IsEmpty());
}

TEST_F(ClassicSender, MakesTheEntryAgainWhenTheTrackerForgot) {
    classic_peer::SenderOptions options = second();
    options.serving.reannounce_interval = 30s;
    start(options);
    world_.board->files.clear();
    ASSERT_TRUE(world_.run_until([&] { return !world_.board->files.empty(); }, 60s));
    ASSERT_TRUE(world_.run_until(
        [&] { return world_.board->files[ClassicWorld::name].peers.at(0).start == 20'000; }));
    EXPECT_EQ(world_.board->files[ClassicWorld::name].peers.at(0).end, 40'000U);
    EXPECT_EQ(ask("<GET movie.avi 0 1023>\n"), "<GET invalid>\n");
}

TEST_F(ClassicSender, WithOnceItEndsWhenItsPartsWereFetched) {
    classic_peer::SenderOptions options = second();
    options.once = true;
    start(options);
    std::string requests;
    for (std::uint64_t at = 20'000; at < 39'000; at += 1000)
        requests += "<GET movie.avi " + std::to_string(at) + " +1000>\n";
    ask(requests);
    world_.run_for(10s);
    EXPECT_FALSE(events_->ended);
    EXPECT_EQ(ask("<GET movie.avi 39000 39999>\n"), bytes(39'000, 40'000));
    ASSERT_TRUE(world_.run_until([&] { return events_->ended; }, 60s));
    EXPECT_FALSE(events_->error.code);
}

TEST_F(ClassicSender, AFileThatChangesUnderItIsNotServed) {
    start();
    EXPECT_EQ(ask("<GET movie.avi 20000 20009>\n"), bytes(20'000, 20'010));
    world_.run_for(10s);
    host_.disk().put(ClassicWorld::path, as_bytes(std::string(100'000, 'x')));
    EXPECT_EQ(ask("<GET movie.avi 20000 20009>\n"), "");
    ASSERT_TRUE(world_.run_until([&] { return events_->ended; }, 60s));
    EXPECT_TRUE(events_->error.code);
}

TEST_F(ClassicSender, AMissingFileEndsItAtOnce) {
    classic_peer::SenderOptions options = second();
    options.tracker = {"tracker", 3456};
    options.folder = "/nowhere";
    host_.run("sender", peer_program<classic_peer::Sender>(options, events_));
    ASSERT_TRUE(world_.run_until([&] { return events_->ended; }));
    EXPECT_TRUE(events_->error.is(std::errc::no_such_file_or_directory));
}

TEST_F(ClassicSender, BeyondTheCapsOnesThatAskForNothingMakeWayAndIdleOnesAreClosed) {
    classic_peer::SenderOptions options = second();
    options.serving.per_address_max = 2;
    options.serving.idle_timeout = 30s;
    start(options);
    HandClient first(client_.world(), {host_.address(), 6361}, "");
    HandClient second_one(client_.world(), {host_.address(), 6361}, "");
    world_.run_for(1s);
    EXPECT_EQ(ask("<GET movie.avi 20000 20009>\n"), bytes(20'000, 20'010));
    EXPECT_NE(first.closed, second_one.closed) << "whichever came first";
    world_.run_for(30s);
    EXPECT_TRUE(first.closed && second_one.closed);
}

TEST_F(ClassicSender, WhoIsServedStaysWhenAllPlacesAreTaken) {
    classic_peer::SenderOptions options = second();
    options.serving.connections_max = 2;
    start(options);
    std::string requests;
    for (int i = 0; i < 3000; ++i) requests += "<GET movie.avi 20000 +1024>\n";
    HandClient first(client_.world(), {host_.address(), 6361}, requests);
    HandClient second_one(client_.world(), {host_.address(), 6361}, requests);
    ASSERT_TRUE(world_.run_until([&] { return !first.reply.empty() && !second_one.reply.empty(); }, 10min));
    EXPECT_EQ(ask("<GET movie.avi 20000 20009>\n"), "");
    EXPECT_TRUE(closed_);
    for (const HandClient* served : {&first, &second_one})
        ASSERT_TRUE(world_.run_until([&] { return served->reply.size() == 3000U * (14 + 1024); }, 10min));
}

TEST_F(ClassicSender, AReaderThatDoesNotReadIsNotWaitedForWithMoreThanTheCap) {
    start();
    std::string requests;
    for (int i = 0; i < 3000; ++i) requests += "<GET movie.avi 20000 +1024>\n";
    HandClient greedy(client_.world(), {host_.address(), 6361}, requests);
    EXPECT_EQ(ask("<GET movie.avi 20000 20009>\n"), bytes(20'000, 20'010));  // others are served meanwhile
    ASSERT_TRUE(world_.run_until([&] { return greedy.reply.size() == 3000U * (14 + 1024); }, 10min));
}

}  // namespace
}  // namespace spate::sim
