// With a name service that answers when the test lets it.
#include "io/linux/resolver.h"

#include <algorithm>
#include <condition_variable>
#include <gmock/gmock.h>
#include <mutex>
#include <optional>

#include "io/linux/loop_test_world.h"

namespace spate::io_linux {
namespace {
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

// Shared with the resolver's threads, which may outlive the test.
struct NameService {
    Result<std::vector<Address>> look_up(const std::string& host) {
        std::unique_lock lock(mutex);
        asked.push_back(host);
        change.notify_all();
        change.wait(lock, [this] { return answering; });
        return std::vector{Address::loopback()};
    }
    void wait_for(std::size_t count) {
        std::unique_lock lock(mutex);
        change.wait(lock, [&] { return asked.size() >= count; });
    }
    void answer() {
        const std::lock_guard lock(mutex);
        answering = true;
        change.notify_all();
    }
    std::vector<std::string> hosts() {
        const std::lock_guard lock(mutex);
        return asked;
    }

    std::mutex mutex;
    std::condition_variable change;
    bool answering = false;
    std::vector<std::string> asked;
};

class ResolverTest : public ::testing::Test {
  protected:
    ~ResolverTest() override { service_->answer(); }

    std::unique_ptr<io::Pending> ask(const std::string& host) {
        return resolver_.resolve(host, [this, host](auto answer) {
            (answer ? answered_ : failed_).push_back(host);
            if (!answer) error_ = answer.error();
        });
    }
    // Two that hold both threads.
    void hold_threads() {
        held_.push_back(ask("held.one"));
        held_.push_back(ask("held.two"));
        service_->wait_for(2);
    }

    Loop loop_{1};
    std::shared_ptr<NameService> service_ = std::make_shared<NameService>();
    LinuxResolver resolver_{loop_.world().reactor,
                            [service = service_](const std::string& host) { return service->look_up(host); }};
    std::vector<std::unique_ptr<io::Pending>> held_;
    std::vector<std::string> answered_;
    std::vector<std::string> failed_;
    std::optional<Error> error_;
};

TEST_F(ResolverTest, OneCancelledBeforeItsTurnIsNeverLookedUp) {
    hold_threads();
    auto cancelled = ask("cancelled.example");
    const auto wanted = ask("wanted.example");
    cancelled.reset();
    service_->answer();
    ASSERT_TRUE(run_until(loop_, [&] { return answered_.size() == 3; }));
    EXPECT_THAT(answered_, UnorderedElementsAre("held.one", "held.two", "wanted.example"));
    EXPECT_THAT(service_->hosts(), UnorderedElementsAre("held.one", "held.two", "wanted.example"));
}

TEST_F(ResolverTest, OneCancelledUnderWayAnswersNobodyAndMakesRoomForTheNext) {
    hold_threads();
    const auto wanted = ask("wanted.example");
    held_.clear();
    service_->answer();
    ASSERT_TRUE(run_until(loop_, [&] { return !answered_.empty(); }));
    EXPECT_THAT(answered_, UnorderedElementsAre("wanted.example"));
}

TEST_F(ResolverTest, TheCancelledGiveTheirPlacesBackAtOnce) {
    hold_threads();
    for (int round = 0; round < 3; ++round) {
        std::vector<std::unique_ptr<io::Pending>> waiting;
        for (std::size_t i = 2; i < LinuxResolver::lookups_max; ++i) waiting.push_back(ask("x.example"));
        const auto one_more = ask("one.more");
        ASSERT_TRUE(run_until(loop_, [&] { return !failed_.empty(); }));
        EXPECT_THAT(failed_, UnorderedElementsAre("one.more"));
        EXPECT_TRUE(error_->is(std::errc::resource_unavailable_try_again));
        failed_.clear();
    }
    const auto fits = ask("fits.example");
    service_->answer();
    ASSERT_TRUE(run_until(loop_, [&] { return answered_.size() == 3; }));
    EXPECT_THAT(failed_, IsEmpty());
    EXPECT_THAT(service_->hosts(), UnorderedElementsAre("held.one", "held.two", "fits.example"));
}

TEST_F(ResolverTest, AllThatWaitAreAnswered) {
    std::vector<std::unique_ptr<io::Pending>> waiting;
    for (std::size_t i = 0; i < LinuxResolver::lookups_max; ++i) waiting.push_back(ask("x.example"));
    service_->answer();
    ASSERT_TRUE(run_until(loop_, [&] { return answered_.size() == LinuxResolver::lookups_max; }));
}

TEST_F(ResolverTest, ACallbackMayAskAgainAndDropOthers) {
    hold_threads();
    auto dropped = ask("dropped.example");
    std::unique_ptr<io::Pending> second;
    held_.push_back(resolver_.resolve("first.example", [&](auto) {
        dropped.reset();
        second = ask("second.example");
    }));
    service_->answer();
    ASSERT_TRUE(
        run_until(loop_, [&] { return std::ranges::find(answered_, "second.example") != answered_.end(); }));
}

}  // namespace
}  // namespace spate::io_linux
