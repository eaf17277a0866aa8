// The classic receiver in simulated worlds: strangers, evil peers, full disks, kills, and trackers that are
// away or wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/scenarios/classic_test_world.h"

namespace spate::sim {
namespace {

using namespace std::chrono_literals;
using classic_peer::ReceiverOptions;
using classic_peer::ReceiverOutcome;

classic_peer::SenderOptions whole_sender() {
    classic_peer::SenderOptions options;
    options.senders = 1;
    options.interval = 100ms;
    return options;
}

class ClassicReceiver : public testing::Test {
  protected:
    std::shared_ptr<NotedEvents> events_ = std::make_shared<NotedEvents>();
    std::shared_ptr<NotedEvents> sender_events_ = std::make_shared<NotedEvents>();

    bool finishes(ClassicWorld& world) {
        return world.run_until([&] { return events_->outcome.has_value(); });
    }
};

class Strangers : public ClassicReceiver, public testing::WithParamInterface<classic::ChunkForm> {};

TEST_P(Strangers, APeerThatKnowsOneFormIsUnderstood) {
    ClassicWorld world(5'000);
    world.evil_peer("stranger", Evil::knows_one_form, GetParam());
    Host& host = world.host("receiver");
    world.receiver(host, {}, events_);
    ASSERT_TRUE(finishes(world)) << testing::PrintToString(events_->warnings);
    EXPECT_EQ(events_->outcome, ReceiverOutcome::received);
    EXPECT_EQ(world.content(host), world.file);
}
INSTANTIATE_TEST_SUITE_P(EveryForm, Strangers, testing::ValuesIn(classic::chunk_form_fallbacks));

class EvilAndGood : public ClassicReceiver, public testing::WithParamInterface<int> {};

TEST_P(EvilAndGood, TheFileComesAllTheSame) {
    ClassicWorld world(40'000);
    world.evil_peer("evil", static_cast<Evil>(GetParam()));
    world.sender(world.host("good"), whole_sender(), sender_events_);
    Host& host = world.host("receiver");
    world.receiver(host, {}, events_);
    ASSERT_TRUE(finishes(world));
    EXPECT_EQ(events_->outcome, ReceiverOutcome::received);
    EXPECT_EQ(world.content(host), world.file);
}
INSTANTIATE_TEST_SUITE_P(EveryKind, EvilAndGood, testing::Range(0, evil_kinds));

TEST_F(ClassicReceiver, ALiarIsShownWrongAndOnlyTheLiar) {
    ClassicWorld world(40'000);
    Host& liar = world.evil_peer("liar", Evil::lies);
    world.evil_peer("stranger", Evil::knows_one_form);
    Host& host = world.host("receiver");
    world.receiver(host, {}, events_);
    ASSERT_TRUE(finishes(world));
    EXPECT_EQ(events_->outcome, ReceiverOutcome::received);
    EXPECT_THAT(events_->wrong, testing::ElementsAre(liar.address().text()));
}

TEST_F(ClassicReceiver, OnlyALiarMeansWrongMd5AndNothingInPlace) {
    ClassicWorld world(5'000);
    world.evil_peer("liar", Evil::lies);
    Host& host = world.host("receiver");
    ReceiverOptions options;
    options.timeout = 60s;
    world.receiver(host, options, events_);
    ASSERT_TRUE(finishes(world));
    EXPECT_EQ(events_->outcome, ReceiverOutcome::wrong_md5);
    EXPECT_FALSE(world.content(host));
    EXPECT_THAT(events_->sentences, testing::IsEmpty());
}

TEST_F(ClassicReceiver, AfterAKillOnlyTheMissingBytesAreFetched) {
    ClassicWorld world(200'000);
    world.testbed.network().default_link().bytes_per_second = 20'000;
    world.evil_peer("stranger", Evil::knows_one_form, classic::ChunkForm::bare_get);
    Host& host = world.host("receiver");
    Process& process = world.receiver(host, {}, events_);
    ASSERT_TRUE(world.run_until([&] { return events_->received > 100'000; }));
    process.kill();
    world.run_for(1s);
    const auto state = world.content(host, "/data/.movie.avi.state");
    ASSERT_TRUE(state);
    const auto have = classic_peer::read_resume_state(*state, {"movie.avi", world.file.size(), world.md5()});
    ASSERT_TRUE(have);
    EXPECT_GT(have->total(), 70'000U);
    events_->received = 0;
    process.start();
    ASSERT_TRUE(finishes(world));
    EXPECT_EQ(events_->outcome, ReceiverOutcome::received);
    EXPECT_EQ(events_->there, have->total());
    EXPECT_EQ(events_->received, world.file.size() - have->total());
    EXPECT_EQ(world.content(host), world.file);
    for (const char* trace : {".movie.avi.state", ".movie.avi.part", ".movie.avi.track", ".movie.avi.lock",
                              ".movie.avi.variants"})
        EXPECT_FALSE(world.content(host, std::string("/data/") + trace)) << trace;
}

TEST_F(ClassicReceiver, AStateThatWasTamperedWithClaimsNothing) {
    ClassicWorld world(20'000);
    world.evil_peer("stranger", Evil::knows_one_form);
    Host& host = world.host("receiver");
    RangeSet all;
    all.add({0, 20'000});
    host.disk().put("/data/.movie.avi.state",
                    as_bytes(classic_peer::write_resume_state({"movie.avi", 20'000, world.md5()}, all)));
    host.disk().put("/data/.movie.avi.part", as_bytes(std::string(15'000, 'x')));
    world.receiver(host, {}, events_);
    ASSERT_TRUE(finishes(world));
    EXPECT_EQ(events_->outcome, ReceiverOutcome::received);
    EXPECT_EQ(events_->there, 15'000U);  // claimed, in the file, and wrong: arbitration finds them
    EXPECT_EQ(world.content(host), world.file);
}

TEST_F(ClassicReceiver, AFullDiskIsAnErrorAndWithRoomItGoesOn) {
    ClassicWorld world(200'000);
    world.evil_peer("stranger", Evil::knows_one_form);
    Host& host = world.host("receiver");
    host.disk().faults().capacity = host.disk().bytes_used() + 100'000;
    Process& process = world.receiver(host, {}, events_);
    ASSERT_TRUE(finishes(world));
    EXPECT_EQ(events_->outcome, ReceiverOutcome::failed);
    EXPECT_TRUE(events_->error.is(std::errc::no_space_on_device)) << events_->error.message();
    EXPECT_FALSE(world.content(host));
    process.stop();
    host.disk().faults() = {};
    events_->outcome.reset();
    process.start();
    ASSERT_TRUE(finishes(world));
    EXPECT_EQ(events_->outcome, ReceiverOutcome::received);
    EXPECT_EQ(world.content(host), world.file);
}

TEST_F(ClassicReceiver, AnEntryWithoutUsableMd5IsKeptApart) {
    ClassicWorld world(5'000);
    world.evil_peer("stranger", Evil::knows_one_form);
    world.board->files[ClassicWorld::name].md5 = "123456789012345678901234567890";
    Host& host = world.host("receiver");
    world.receiver(host, {}, events_);
    ASSERT_TRUE(finishes(world));
    EXPECT_EQ(events_->outcome, ReceiverOutcome::unverified);
    EXPECT_FALSE(world.content(host));
    EXPECT_EQ(world.content(host, "/data/movie.avi.unverified"), world.file);
    EXPECT_THAT(events_->sentences, testing::IsEmpty());
}

TEST_F(ClassicReceiver, ATrackerFileThatLiesAboutItsSizeIsFetchedAgainUntilItIsRight) {
    ClassicWorld world(5'000);
    world.evil_peer("stranger", Evil::knows_one_form);
    world.board->files[ClassicWorld::name].size = 6'000;
    Host& host = world.host("receiver");
    world.receiver(host, {}, events_);
    world.run_for(20s);
    EXPECT_FALSE(events_->outcome);
    EXPECT_FALSE(world.content(host));
    world.board->files[ClassicWorld::name].size = 5'000;
    ASSERT_TRUE(finishes(world));
    EXPECT_EQ(events_->outcome, ReceiverOutcome::received);
    EXPECT_EQ(world.content(host), world.file);
}

TEST_F(ClassicReceiver, WithTheTrackerAwayTheKeptTrackerFileServes) {
    ClassicWorld world(200'000);
    world.testbed.network().default_link().bytes_per_second = 50'000;
    world.evil_peer("stranger", Evil::knows_one_form);
    Host& host = world.host("receiver");
    ReceiverOptions options;
    options.file = ClassicWorld::name;
    Process& process = world.receiver(host, options, events_);
    ASSERT_TRUE(world.run_until([&] { return events_->received > 20'000; }));
    process.kill();
    world.tracker.processes().front()->kill();
    process.start();
    ASSERT_TRUE(finishes(world));
    EXPECT_EQ(events_->outcome, ReceiverOutcome::received);
}

TEST_F(ClassicReceiver, AFileThatIsThereAndRightIsNotFetched) {
    ClassicWorld world;
    world.evil_peer("stranger", Evil::knows_one_form);
    Host& host = world.host("receiver");
    host.disk().put(ClassicWorld::path, as_bytes(world.file));
    world.receiver(host, {}, events_);
    ASSERT_TRUE(finishes(world));
    EXPECT_EQ(events_->outcome, ReceiverOutcome::already_there);
    EXPECT_EQ(events_->received, 0U);
}

TEST_F(ClassicReceiver, AnotherFileOfTheNameIsReplacedOnlyIfTheNameWasAskedFor) {
    for (const bool asked : {false, true}) {
        ClassicWorld world(5'000);
        world.evil_peer("stranger", Evil::knows_one_form);
        Host& host = world.host("receiver");
        host.disk().put(ClassicWorld::path, as_bytes("mine"));
        ReceiverOptions options;
        if (asked) options.file = ClassicWorld::name;
        events_ = std::make_shared<NotedEvents>();
        world.receiver(host, options, events_);
        ASSERT_TRUE(finishes(world));
        EXPECT_EQ(events_->outcome, asked ? ReceiverOutcome::received : ReceiverOutcome::failed);
        EXPECT_EQ(world.content(host), asked ? world.file : "mine");
    }
}

TEST_F(ClassicReceiver, ASeedAnnouncesTheWholeFileOnceItIsRightAndServesIt) {
    ClassicWorld world;
    Host& stranger = world.evil_peer("stranger", Evil::knows_one_form);
    Host& host = world.host("receiver");
    ReceiverOptions options;
    options.seed = true;
    world.receiver(host, options, events_);
    ASSERT_TRUE(world.run_until([&] { return !events_->announced.empty(); }));
    EXPECT_EQ(events_->outcome, ReceiverOutcome::received);
    EXPECT_THAT(events_->announced, testing::ElementsAre(ByteRange{0, world.file.size()}));
    stranger.processes().front()->kill();
    Host& second = world.host("second");
    const auto second_events = std::make_shared<NotedEvents>();
    world.receiver(second, {}, second_events);
    ASSERT_TRUE(world.run_until([&] { return second_events->outcome.has_value(); }));
    EXPECT_EQ(world.content(second), world.file);
    EXPECT_EQ(events_->served, world.file.size());
}

TEST_F(ClassicReceiver, TwoProcessesDoNotReceiveOneFileIntoOneFolder) {
    ClassicWorld world(200'000);
    world.testbed.network().default_link().bytes_per_second = 20'000;
    world.evil_peer("stranger", Evil::knows_one_form);
    Host& host = world.host("receiver");
    world.receiver(host, {}, events_);
    ASSERT_TRUE(world.run_until([&] { return events_->received > 0; }));
    const auto second_events = std::make_shared<NotedEvents>();
    world.receiver(host, {}, second_events);
    ASSERT_TRUE(world.run_until([&] { return second_events->outcome.has_value(); }));
    EXPECT_EQ(second_events->outcome, ReceiverOutcome::failed);
    ASSERT_TRUE(finishes(world));
    EXPECT_EQ(world.content(host), world.file);
}

}  // namespace
}  // namespace spate::sim
