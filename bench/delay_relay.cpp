// delay_relay: a TCP relay that behaves like a long link: what it takes comes out a one-way delay later, and
// no faster than the link's rate. One thread, epoll. What waits for the link is bounded by hold_max of the
// link's time, as in a router: then the sender is not read. Each connection has a link of its own. Says
// "SECONDS BYTES" of what went to the side that called, ten times a second, on standard output.
//
//     delay_relay LISTEN_PORT TARGET_PORT ONE_WAY_MS BYTES_PER_SECOND
#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <fcntl.h>
#include <list>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr std::size_t read_size = 256 << 10;
constexpr auto hold_max = milliseconds(20);

struct Link {
    nanoseconds delay;
    double bytes_per_second;
};

[[noreturn]] void give_up(const char* what) {
    std::perror(what);
    std::exit(1);
}

// One way of a connection: from one socket to the other.
class Way {
  public:
    Way(int from, int to, const Link& link) : from_(from), to_(to), link_(link), free_at_(Clock::now()) {}

    // False: the connection is over.
    bool move(Time now) { return take(now) && give(now); }
    // When there is something to do besides what the sockets tell.
    Time due() const {
        const Time take_at =
            !ended_ && free_at_ > Clock::now() + hold_max ? free_at_ - hold_max : Time::max();
        return queue_.empty() || blocked_ ? take_at : std::min(take_at, queue_.front().due);
    }
    std::uint64_t given() const { return given_; }

  private:
    struct Chunk {
        Time due;
        std::vector<char> bytes;
        std::size_t sent = 0;
    };
    bool take(Time now) {
        while (!ended_ && free_at_ <= now + hold_max) {
            std::vector<char> bytes(read_size);
            const auto count = read(from_, bytes.data(), bytes.size());
            if (count < 0) return errno == EAGAIN || errno == EINTR;
            if (count == 0) {
                ended_ = true;
                break;
            }
            bytes.resize(static_cast<std::size_t>(count));
            const auto length = nanoseconds(
                static_cast<std::int64_t>(static_cast<double>(count) / link_.bytes_per_second * 1e9));
            free_at_ = std::max(free_at_, now) + length;
            queue_.push_back({free_at_ + link_.delay, std::move(bytes)});
        }
        return true;
    }
    bool give(Time now) {
        blocked_ = false;
        while (!queue_.empty() && queue_.front().due <= now) {
            auto& chunk = queue_.front();
            const auto count =
                send(to_, chunk.bytes.data() + chunk.sent, chunk.bytes.size() - chunk.sent, MSG_NOSIGNAL);
            if (count < 0) {
                blocked_ = errno == EAGAIN;
                return blocked_ || errno == EINTR;
            }
            chunk.sent += static_cast<std::size_t>(count);
            given_ += static_cast<std::uint64_t>(count);
            if (chunk.sent == chunk.bytes.size()) queue_.pop_front();
        }
        return !ended_ || !queue_.empty();
    }

    int from_;
    int to_;
    const Link& link_;
    Time free_at_;  // the link has sent all it was given
    std::deque<Chunk> queue_;
    bool ended_ = false;
    bool blocked_ = false;
    std::uint64_t given_ = 0;
};

struct Connection {
    Connection(int caller_socket, int target_socket, const Link& link)
        : caller(caller_socket),
          target(target_socket),
          up(caller, target, link),
          down(target, caller, link) {}
    ~Connection() {
        close(caller);
        close(target);
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    int caller;
    int target;
    Way up;
    Way down;
};

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

int open_socket() {
    const int socket_number = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket_number < 0) give_up("socket");
    return socket_number;
}

int listen_at(std::uint16_t port) {
    const int listener = open_socket();
    const int on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    const auto address = loopback(port);
    if (bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) give_up("bind");
    if (listen(listener, 16) != 0) give_up("listen");
    fcntl(listener, F_SETFL, O_NONBLOCK);
    return listener;
}

class Relay {
  public:
    Relay(std::uint16_t port, std::uint16_t target, Link link)
        : link_(link), target_(target), poll_(epoll_create1(EPOLL_CLOEXEC)), listener_(listen_at(port)) {
        watch(listener_, EPOLLIN);
    }

    void run() {
        const auto began = Clock::now();
        auto tell_at = began;
        while (true) {
            wait(tell_at);
            accept_all();
            const auto now = Clock::now();
            std::uint64_t bytes = over_;
            for (auto it = connections_.begin(); it != connections_.end();) {
                Connection& connection = **it;
                if (connection.up.move(now) && connection.down.move(now)) {
                    bytes += connection.down.given();
                    ++it;
                } else {
                    over_ += connection.down.given();
                    bytes += connection.down.given();
                    it = connections_.erase(it);
                }
            }
            if (now < tell_at) continue;
            tell_at = now + milliseconds(100);
            std::printf("%.3f %llu\n", std::chrono::duration<double>(now - began).count(),
                        static_cast<unsigned long long>(bytes));
            std::fflush(stdout);
        }
    }

  private:
    void watch(int socket_number, std::uint32_t events) {
        epoll_event event{};
        event.events = events;
        if (epoll_ctl(poll_, EPOLL_CTL_ADD, socket_number, &event) != 0) give_up("epoll_ctl");
    }
    void wait(Time until) {
        for (const auto& connection : connections_)
            until = std::min({until, connection->up.due(), connection->down.due()});
        const auto left = std::max(nanoseconds(0), nanoseconds(until - Clock::now()));
        const timespec time{static_cast<time_t>(left.count() / 1'000'000'000), left.count() % 1'000'000'000};
        std::array<epoll_event, 16> events;
        epoll_pwait2(poll_, events.data(), static_cast<int>(events.size()), &time, nullptr);
    }
    void accept_all() {
        int caller = 0;
        while ((caller = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
            const int target = open_socket();
            const auto address = loopback(target_);
            if (connect(target, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
                close(target);
                close(caller);
                continue;
            }
            fcntl(target, F_SETFL, O_NONBLOCK);
            const int on = 1;
            for (const int end : {caller, target}) {
                setsockopt(end, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
                watch(end, EPOLLIN | EPOLLOUT | EPOLLET);
            }
            connections_.push_back(std::make_unique<Connection>(caller, target, link_));
        }
    }

    Link link_;
    std::uint16_t target_;
    int poll_;
    int listener_;
    std::list<std::unique_ptr<Connection>> connections_;
    std::uint64_t over_ = 0;  // given by connections that are gone
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 5) {
        std::fprintf(stderr, "usage: delay_relay LISTEN_PORT TARGET_PORT ONE_WAY_MS BYTES_PER_SECOND\n");
        return 2;
    }
    const Link link{milliseconds(std::atoi(argv[3])), std::atof(argv[4])};
    Relay(static_cast<std::uint16_t>(std::atoi(argv[1])), static_cast<std::uint16_t>(std::atoi(argv[2])),
          link)
        .run();
}
