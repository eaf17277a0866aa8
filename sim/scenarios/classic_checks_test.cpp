// The checkers of the classic scenarios can fail: each is shown what it is there to find.
#include "sim/scenarios/classic_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/hex.h"
#include "classic/tracker_request.h"
#include "hash/digest.h"
#include "sim/scenarios/classic_auditor.h"
#include "sim/scenarios/classic_test_world.h"
#include "sim/scenarios/classic_tracker.h"

namespace spate::sim {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Optional;

TEST(ClassicChecks, AWrongByteInPlaceIsFound) {
    Testbed testbed(1);
    Host& host = testbed.add_host("receiver", plain_host());
    EXPECT_EQ(wrong_file_in_place(host, "/data", "f", "right"), std::nullopt);
    host.disk().put("/data/f", as_bytes("right"));
    EXPECT_EQ(wrong_file_in_place(host, "/data", "f", "right"), std::nullopt);
    host.disk().flip_bit("/data/f", 3);
    EXPECT_THAT(wrong_file_in_place(host, "/data", "f", "right"), Optional(HasSubstr("wrong file")));
}

TEST(ClassicChecks, AResumeStateThatClaimsTooMuchIsFound) {
    Testbed testbed(1);
    Host& host = testbed.add_host("receiver", plain_host());
    const std::string right = "0123456789";
    const classic_peer::FileIdentity file{"f", right.size(), to_hex(hash::md5(as_bytes(right)))};
    RangeSet have;
    have.add({2, 6});
    host.disk().put("/data/.f.state", as_bytes(classic_peer::write_resume_state(file, have)));
    EXPECT_TRUE(false_resume_claim(host, "/data", file, right));
    host.disk().put("/data/.f.part", as_bytes("##2345"));
    EXPECT_EQ(false_resume_claim(host, "/data", file, right), std::nullopt);
    host.disk().put("/data/.f.part", as_bytes("##2344"));
    EXPECT_TRUE(false_resume_claim(host, "/data", file, right));
    host.disk().put("/data/.f.part", as_bytes("##234"));
    EXPECT_TRUE(false_resume_claim(host, "/data", file, right));
}

TEST(ClassicChecks, AResumeStateOfBytesThatWereNotSyncedIsFound) {
    Testbed testbed(1);
    Host& host = testbed.add_host("receiver", plain_host());
    const std::string right = "0123456789";
    const classic_peer::FileIdentity file{"f", right.size(), to_hex(hash::md5(as_bytes(right)))};
    RangeSet have;
    have.add({0, 10});
    host.disk().put("/data/.f.state", as_bytes(classic_peer::write_resume_state(file, have)));
    host.disk().put("/data/.f.part", {});
    host.run("writer", [&right](const ProgramStart& start) {
        const auto folder = start.world.files.open_folder("/data", io::IfMissing::fail);
        const auto part = (*folder)->open(".f.part", io::OpenMode::create);
        EXPECT_TRUE((*part)->write_at(0, as_bytes(right)));
        return std::shared_ptr<void>();
    });
    EXPECT_THAT(false_resume_claim(host, "/data", file, right), Optional(HasSubstr("power cut")));
}

// A tracker with the entry f of ten bytes, made by 10.0.0.2.
class ClassicLedger : public testing::Test {
  protected:
    ClassicLedger() {
        tracker_.run("tracker", [this](const ProgramStart& start) {
            tracker::Options options;
            options.listen = {{Address::v4(0, 0, 0, 0), 3456}};
            return std::make_shared<TrackerProgram>(start, testbed_.simulation(), options, ledger_);
        });
        Host& peer = testbed_.add_host("peer", plain_host());
        peer.run("peer", [this](const ProgramStart& start) {
            auto client = std::make_shared<HandClient>(start.world, Endpoint{tracker_.address(), 3456},
                                                       classic::write_create_tracker(entry_));
            return std::shared_ptr<void>(client, client.get());
        });
        testbed_.simulation().run_for(3s);
        EXPECT_EQ(testbed_.simulation().log().marked("tracker: createtracker succ, unverified"), 1U);
        EXPECT_EQ(testbed_.simulation().failure(), std::nullopt);
    }
    std::optional<std::string> failure() {
        testbed_.simulation().run_for(2s);
        return testbed_.simulation().failure();
    }

    classic::CreateTracker entry_{"f", 10, "", std::string(32, 'a'), true, "10.0.0.2", 6361};
    classic::UpdateTracker update_{"f", 0, 10, "10.0.0.3", 6361};
    Testbed testbed_{1};
    Host& tracker_ = testbed_.add_host("tracker", plain_host());
    std::shared_ptr<TrackerLedger> ledger_ = TrackerLedger::open(tracker_, [](auto&, auto) {});
};

TEST_F(ClassicLedger, AnEntryThatWasAnsweredAndIsGoneIsFound) {
    entry_.name = "another";
    ledger_->answered(entry_);
    EXPECT_THAT(failure(), Optional(HasSubstr("forgot the entry another")));
}

TEST_F(ClassicLedger, ARangeThatWasAnsweredAndIsGoneIsFound) {
    ledger_->answered(ledger_->asked(update_));
    EXPECT_THAT(failure(), Optional(HasSubstr("forgot what it had answered to 10.0.0.3")));
}

TEST_F(ClassicLedger, APowerCutMayTakeARangeButNotTheEntry) {
    ledger_->answered(ledger_->asked(update_));
    tracker_.power_cut();
    testbed_.simulation().run_for(1s);
    tracker_.power_on();
    EXPECT_EQ(failure(), std::nullopt);
    tracker_.power_cut();
    tracker_.disk().move(TrackerProgram::folder, "/var/elsewhere");
    tracker_.power_on();
    EXPECT_THAT(failure(), Optional(HasSubstr("forgot the entry f")));
}

TEST(ClassicAuditor, FindsRefusalsAndOtherBytes) {
    for (const Evil evil : {Evil::refuses, Evil::lies, Evil::silent}) {
        Testbed testbed(1);
        const std::string file(3'000, 'a');
        Host& peer = testbed.add_host("peer", plain_host());
        peer.run("peer", [&](const ProgramStart& start) {
            return std::make_shared<EvilPeer>(start.world, 6361, evil, file, 1);
        });
        const auto announced = std::make_shared<AnnouncedRanges>();
        announced->begin(peer.address());
        announced->listens(peer.address(), 6361);
        announced->announced(peer.address(), {0, 3'000});
        int lies = 0;
        testbed.add_host("auditor", plain_host()).run("auditor", [&](const ProgramStart& start) {
            const Auditor::Findings findings{[] {}, [&lies](const std::string&) { ++lies; }};
            return std::make_shared<Auditor>(start.world, announced, "f", file, findings);
        });
        testbed.simulation().run_for(20s);
        EXPECT_EQ(lies > 0, evil != Evil::silent) << static_cast<int>(evil);
    }
}

}  // namespace
}  // namespace spate::sim
