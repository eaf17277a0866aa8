// What only the kernel's network does: running out of descriptors, socket options, no SIGPIPE.
#include "io/linux/network.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <netinet/tcp.h>
#include <optional>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "io/linux/limits.h"
#include "io/linux/loop_test_world.h"
#include "io/linux/socket_address.h"

namespace spate::io_linux {
namespace {

struct Accepting : io::ListenerHandler {
    void on_accept(std::unique_ptr<io::Stream> stream) override { accepted.push_back(std::move(stream)); }
    void on_accept_error(const Error& error) override { errors.push_back(error); }
    std::vector<std::unique_ptr<io::Stream>> accepted;
    std::vector<Error> errors;
};

class NetworkTest : public ::testing::Test {
  protected:
    std::unique_ptr<io::Listener> listen(const Endpoint& local = {Address::loopback(), 0}) {
        return std::move(loop_.world().network.listen(local, accepting_).value());
    }
    std::unique_ptr<io::Pending> connect(const Endpoint& to) {
        return loop_.world().network.connect(
            to, [this](auto stream) { near_.push_back(std::move(stream.value())); });
    }

    Loop loop_{1};
    Accepting accepting_;
    std::vector<std::unique_ptr<io::Stream>> near_;
};

// Lowers the limit of descriptors to those there are, until destroyed.
class NoMoreDescriptors {
  public:
    NoMoreDescriptors() {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        const UniqueFd next(::open("/dev/null", O_RDONLY | O_CLOEXEC));
        rlimit lowered = before_;
        lowered.rlim_cur = static_cast<rlim_t>(next.get());
        ::setrlimit(RLIMIT_NOFILE, &lowered);
    }
    NoMoreDescriptors(const NoMoreDescriptors&) = delete;
    NoMoreDescriptors& operator=(const NoMoreDescriptors&) = delete;
    ~NoMoreDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

  private:
    rlimit before_{};
};

// These two first do what is to fail: sanitizers open a pipe the first time they look at a class.
TEST_F(NetworkTest, WithoutDescriptorsAcceptingIsReportedOnceAndGoesOnLater) {
    auto& reactor = loop_.world().reactor;
    int rings = 0;
    const auto timer = reactor.make_timer([&] { ++rings; });
    timer->arm(reactor.now());
    const auto listener = listen();
    const auto pending = connect(listener->local());
    ASSERT_TRUE(run_until(loop_, [&] { return accepting_.accepted.size() == 1 && rings == 1; }));
    UniqueFd clients[3];
    const SocketAddress to(listener->local());
    for (auto& client : clients) {
        client.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        ASSERT_EQ(::connect(client.get(), to.data(), to.size()), 0);
    }
    {
        const NoMoreDescriptors short_of;
        ASSERT_TRUE(run_until(loop_, [&] { return !accepting_.errors.empty(); }));
        timer->arm(reactor.now() +
                   std::chrono::milliseconds(350));  // some retries later it was still told once
        ASSERT_TRUE(run_until(loop_, [&] { return rings == 2; }));
    }
    ASSERT_EQ(accepting_.errors.size(), 1u);
    EXPECT_TRUE(accepting_.errors[0].is(std::errc::too_many_files_open)) << accepting_.errors[0].message();
    EXPECT_EQ(accepting_.accepted.size(), 1u);
    EXPECT_TRUE(run_until(loop_, [&] { return accepting_.accepted.size() == 4; }));
}

TEST_F(NetworkTest, WithoutDescriptorsConnectingIsAnErrorAndSoIsListening) {
    auto& network = loop_.world().network;
    const Endpoint any{Address::loopback(), 0};
    const auto listener = listen();
    EXPECT_TRUE(network.open_datagram(any));
    std::vector<std::optional<Error>> outcomes;
    const auto connect_once = [&] {
        const auto before = outcomes.size();
        const auto pending = network.connect(listener->local(), [&](auto stream) {
            outcomes.push_back(stream ? std::nullopt : std::optional(stream.error()));
        });
        EXPECT_EQ(outcomes.size(), before);
        EXPECT_TRUE(run_until(loop_, [&] { return outcomes.size() > before; }));
    };
    connect_once();
    {
        const NoMoreDescriptors short_of;
        connect_once();
        EXPECT_FALSE(network.listen(any, accepting_));
        EXPECT_FALSE(network.open_datagram(any));
    }
    ASSERT_EQ(outcomes.size(), 2u);
    EXPECT_FALSE(outcomes[0]);
    ASSERT_TRUE(outcomes[1]);
    EXPECT_TRUE(outcomes[1]->is(std::errc::too_many_files_open)) << outcomes[1]->message();
    EXPECT_TRUE(network.listen(any, accepting_));
}

// The kernel picks local ports for connect() by walking through the even ones of its range: so many attempts
// on one of them meet the port itself.
TEST_F(NetworkTest, NeverConnectsASocketToItself) {
    UniqueFd bound;
    Endpoint nobody;
    do {
        bound.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const SocketAddress any(Endpoint{Address::loopback(), 0});
        ASSERT_EQ(::bind(bound.get(), any.data(), any.size()), 0);
        nobody = local_endpoint(bound.get());
        nobody.port = static_cast<std::uint16_t>(nobody.port & ~1U);
        bound.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const SocketAddress even(nobody);
        if (::bind(bound.get(), even.data(), even.size()) != 0) bound.reset();  // in use: another one
    } while (!bound);
    bound.reset();
    int refused = 0;
    int answers = 0;
    constexpr int attempts = 30'000;
    for (int i = 0; i < attempts; ++i) {
        const auto pending = loop_.world().network.connect(nobody, [&](auto stream) {
            ++answers;
            if (!stream && stream.error().is(std::errc::connection_refused)) ++refused;
        });
        ASSERT_TRUE(run_until(loop_, [&] { return answers > i; }));
    }
    EXPECT_EQ(refused, attempts);
}

TEST_F(NetworkTest, WritingToAClosedConnectionRaisesNoSignal) {
    // The default action of SIGPIPE would end this program.
    struct sigaction action{};
    ASSERT_EQ(::sigaction(SIGPIPE, nullptr, &action), 0);
    ASSERT_EQ(action.sa_handler, SIG_DFL);
    const auto listener = listen();
    const auto pending = connect(listener->local());
    ASSERT_TRUE(run_until(loop_, [&] { return near_.size() == 1 && accepting_.accepted.size() == 1; }));
    accepting_.accepted.clear();
    EXPECT_TRUE(run_until(loop_, [&] {
        const Bytes parts[] = {as_bytes("x")};
        return !near_[0]->write(parts);
    }));
    EXPECT_FALSE(near_[0]->write(std::vector{as_bytes("x")}));
}

TEST_F(NetworkTest, Ipv6AndIpv4ShareAPortNumber) {
    const auto six = loop_.world().network.listen({Address::v6({}), 0}, accepting_);
    ASSERT_TRUE(six) << six.error().message();
    const auto four = loop_.world().network.listen({Address(), (*six)->local().port}, accepting_);
    ASSERT_TRUE(four) << four.error().message();
    const auto pending = connect({*Address::parse("::1"), (*six)->local().port});
    ASSERT_TRUE(run_until(loop_, [&] { return near_.size() == 1 && accepting_.accepted.size() == 1; }));
    EXPECT_EQ(accepting_.accepted[0]->remote().address, *Address::parse("::1"));
}

TEST(SocketAddress, GoesThereAndBack) {
    for (const char* text : {"192.0.2.1:80", "0.0.0.0:0", "[2001:db8::1]:65535", "[::]:1"}) {
        const Endpoint endpoint = *Endpoint::parse(text);
        EXPECT_EQ(SocketAddress(endpoint).endpoint(), endpoint);
    }
    EXPECT_EQ(SocketAddress(*Endpoint::parse("[::ffff:192.0.2.1]:80")).endpoint(),
              *Endpoint::parse("192.0.2.1:80"));
    EXPECT_EQ(SocketAddress().endpoint(), Endpoint());
}

TEST(Limits, DescriptorsGoUpToTheHardLimit) {
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    rlimit lowered = before;
    lowered.rlim_cur = 64;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &lowered), 0);
    EXPECT_EQ(raise_fd_limit().value(), before.rlim_max);
    rlimit after{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &after), 0);
    EXPECT_EQ(after.rlim_cur, before.rlim_max);
    ::setrlimit(RLIMIT_NOFILE, &before);
}

}  // namespace
}  // namespace spate::io_linux
