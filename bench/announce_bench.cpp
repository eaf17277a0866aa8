// bench-announce: trackers under announces, each as a process of its own on one core, the load generator on
// the other: UDP and HTTP announces a second, CPU an announce, memory a peer and a swarm; opentracker beside
// ours if it is installed, under the same datagrams.
//
//   bench/run announce_bench [--announces N] [--peers N] [--want N]
//
// Every announce is a leecher's and asks for --want peers; the table says how many came. CPU seconds are the
// tracker's alone, from /proc. UDP goes in batches with at most 256 under way, so that nothing is dropped.
#include <CLI/CLI.hpp>
#include <arpa/inet.h>
#include <array>
#include <chrono>
#include <filesystem>
#include <fmt/core.h>
#include <functional>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include "announce/udp_messages.h"
#include "base/assert.h"
#include "base/hex.h"
#include "bench/at_least.h"
#include "bench/child.h"
#include "hash/keyed_hash.h"
#include "io/linux/limits.h"

namespace spate {
namespace {

using Clock = std::chrono::steady_clock;

struct Measured {
    double wall_seconds = 0;
    double cpu_seconds = 0;
    std::uint64_t peers = 0;  // in all replies
};

sockaddr_in address_of(const Endpoint& endpoint) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(endpoint.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

int connected(const Endpoint& endpoint, int type) {
    const int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
    const auto address = address_of(endpoint);
    SPATE_ASSERT(fd >= 0);
    if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

// The n-th announce: which swarm, which port.
struct Announcing {
    std::uint32_t swarm = 0;
    std::uint16_t port = 0;
};
using Plan = std::function<Announcing(std::size_t)>;

hash::Sha1 swarm_hash(std::uint32_t number) {
    hash::Sha1 hash{};
    for (std::size_t part = 0; part < 3; ++part) {
        const std::array<std::uint8_t, 5> seed{
            static_cast<std::uint8_t>(part), static_cast<std::uint8_t>(number),
            static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number >> 16),
            static_cast<std::uint8_t>(number >> 24)};
        const auto value = hash::siphash({}, seed);
        for (std::size_t i = 0; i < 8 && part * 8 + i < hash.size(); ++i)
            hash[part * 8 + i] = static_cast<std::uint8_t>(value >> (8 * i));
    }
    return hash;
}

class UdpLoad {
  public:
    UdpLoad(const Child& tracker, std::uint32_t want)
        : tracker_(tracker), want_(want), fd_(connected(tracker.endpoint(), SOCK_DGRAM)) {
        const int size = 8 << 20;
        setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
        const timeval limit{0, 200'000};
        setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        connect_to_tracker();
    }
    ~UdpLoad() { close(fd_); }
    UdpLoad(const UdpLoad&) = delete;

    Measured run(std::size_t count, const Plan& plan) {
        const auto before = tracker_.usage();
        const auto started = Clock::now();
        Measured measured;
        std::size_t sent = 0, got = 0;
        while (got < count) {
            const auto room = std::min(batch_max, std::min(count - sent, under_way_max - (sent - got)));
            if (room > 0) sent += send_batch(sent, room, plan);
            const auto received = receive_batch(measured.peers);
            if (received == 0) sent = got;  // lost: once more
            got += received;
        }
        measured.wall_seconds = std::chrono::duration<double>(Clock::now() - started).count();
        measured.cpu_seconds = tracker_.usage().cpu_seconds - before.cpu_seconds;
        return measured;
    }

  private:
    static constexpr std::size_t batch_max = 64;
    static constexpr std::size_t under_way_max = 256;

    void connect_to_tracker() {
        std::vector<std::uint8_t> question;
        announce::append_udp_request(question, announce::UdpConnect{1});
        std::array<std::uint8_t, 2048> reply;
        for (int attempt = 0;; ++attempt) {  // until it listens
            SPATE_ASSERT(attempt < 100);
            (void)!send(fd_, question.data(), question.size(), 0);
            const auto size = recv(fd_, reply.data(), reply.size(), 0);
            if (size < 16) {
                poll(nullptr, 0, 50);
                continue;
            }
            const auto parsed = announce::parse_udp_reply(Bytes(reply).first(static_cast<std::size_t>(size)),
                                                          announce::IpFamily::v4);
            id_ = std::get<announce::UdpConnectReply>(parsed->what).connection_id;
            if (is_ready()) return;
            poll(nullptr, 0, 50);
        }
    }

    // Answers an announce of the first peer, not with an error.
    bool is_ready() {
        std::vector<std::uint8_t> question;
        announce::UdpAnnounce announce{id_, 1, {}, {}};
        announce.request.swarm = swarm_hash(0);
        announce.request.port = 1000;
        announce::append_udp_request(question, announce);
        (void)!send(fd_, question.data(), question.size(), 0);
        std::array<std::uint8_t, 2048> reply;
        return recv(fd_, reply.data(), reply.size(), 0) >= 20 && reply[3] == 1;
    }

    std::size_t send_batch(std::size_t first, std::size_t count, const Plan& plan) {
        std::array<mmsghdr, batch_max> headers{};
        std::array<iovec, batch_max> pieces;
        for (std::size_t i = 0; i < count; ++i) {
            auto& datagram = outgoing_[i];
            datagram.clear();
            const auto what = plan(first + i);
            announce::UdpAnnounce announce{id_, static_cast<std::uint32_t>(first + i), {}, {}};
            announce.request.swarm = swarm_hash(what.swarm);
            announce.request.peer_id[0] = static_cast<std::uint8_t>(what.port);
            announce.request.peer_id[1] = static_cast<std::uint8_t>(what.port >> 8);
            announce.request.port = what.port;
            announce.request.left = 1000;
            announce.request.want = want_;
            announce::append_udp_request(datagram, announce);
            pieces[i] = {datagram.data(), datagram.size()};
            headers[i].msg_hdr.msg_iov = &pieces[i];
            headers[i].msg_hdr.msg_iovlen = 1;
        }
        const int sent = sendmmsg(fd_, headers.data(), static_cast<unsigned>(count), 0);
        return sent < 0 ? 0 : static_cast<std::size_t>(sent);
    }

    std::size_t receive_batch(std::uint64_t& peers) {
        std::array<mmsghdr, batch_max> headers{};
        std::array<iovec, batch_max> pieces;
        for (std::size_t i = 0; i < batch_max; ++i) {
            pieces[i] = {incoming_[i].data(), incoming_[i].size()};
            headers[i].msg_hdr.msg_iov = &pieces[i];
            headers[i].msg_hdr.msg_iovlen = 1;
        }
        const int got = recvmmsg(fd_, headers.data(), batch_max, MSG_WAITFORONE, nullptr);
        for (int i = 0; i < got; ++i) SPATE_ASSERT(headers[static_cast<std::size_t>(i)].msg_len >= 20);
        for (int i = 0; i < got; ++i) peers += (headers[static_cast<std::size_t>(i)].msg_len - 20) / 6;
        return got < 0 ? 0 : static_cast<std::size_t>(got);
    }

    const Child& tracker_;
    std::uint32_t want_;
    int fd_;
    std::uint64_t id_ = 0;
    std::array<std::vector<std::uint8_t>, batch_max> outgoing_;
    std::array<std::array<std::uint8_t, 1500>, batch_max> incoming_;
};

// `lanes` connections with one request under way on each; a connection is used once, or again and again.
class HttpLoad {
  public:
    HttpLoad(const Child& tracker, std::uint32_t want, bool keep_alive)
        : tracker_(tracker), want_(want), keep_alive_(keep_alive) {}

    Measured run(std::size_t count, const Plan& plan) {
        const auto before = tracker_.usage();
        const auto started = Clock::now();
        std::array<pollfd, lanes> polled{};
        std::size_t sent = 0, got = 0;
        for (auto& lane : polled) lane = {-1, POLLIN, 0};
        for (auto& lane : polled)
            if (sent < count) ask(lane, plan(sent++));
        while (got < count) {
            SPATE_ASSERT(poll(polled.data(), lanes, 5000) > 0);
            for (auto& lane : polled) {
                if ((lane.revents & (POLLIN | POLLHUP)) == 0 || !answered(lane)) continue;
                ++got;
                if (sent < count) ask(lane, plan(sent++));
            }
        }
        for (auto& lane : polled)
            if (lane.fd >= 0) close(lane.fd);
        return {std::chrono::duration<double>(Clock::now() - started).count(),
                tracker_.usage().cpu_seconds - before.cpu_seconds, 0};
    }

  private:
    static constexpr std::size_t lanes = 32;

    void ask(pollfd& lane, const Announcing& what) {
        if (lane.fd < 0) {
            lane.fd = connected(tracker_.endpoint(), SOCK_STREAM);
            SPATE_ASSERT(lane.fd >= 0);
            const int on = 1;
            setsockopt(lane.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        }
        std::string hash;
        for (const auto octet : swarm_hash(what.swarm)) hash += fmt::format("%{:02x}", octet);
        const auto request = fmt::format(
            "GET "
            "/announce?info_hash={}&peer_id=-SP0001-{:012}&port={}&uploaded=0&downloaded=0&left=1000&compact="
            "1"
            "&numwant={} HTTP/1.1\r\nHost: t\r\n{}\r\n",
            hash, what.port, what.port, want_, keep_alive_ ? "" : "Connection: close\r\n");
        SPATE_ASSERT(send(lane.fd, request.data(), request.size(), MSG_NOSIGNAL) ==
                     static_cast<ssize_t>(request.size()));
    }
    // Replies are small and come in one piece; without keep-alive the end of input ends them.
    bool answered(pollfd& lane) {
        std::array<char, 8192> buffer;
        const auto size = recv(lane.fd, buffer.data(), buffer.size(), 0);
        if (size > 0) return keep_alive_;
        close(lane.fd);
        lane.fd = -1;
        return true;
    }

    const Child& tracker_;
    std::uint32_t want_;
    bool keep_alive_;
};

void print_row(const std::string& tracker, const std::string& what, std::size_t count,
               const Measured& measured) {
    const auto number = static_cast<double>(count);
    fmt::print(
        "{:<12} {:<44} {:>10.0f} {:>10.2f} {:>10}\n", tracker, what, number / measured.wall_seconds,
        measured.cpu_seconds / number * 1e6,
        measured.peers == 0 ? "" : fmt::format("{:.1f}", static_cast<double>(measured.peers) / number));
    std::fflush(stdout);
}

struct Settings {
    std::size_t announces = 1'000'000;
    std::uint32_t peers = 1'000'000;
    std::uint32_t want = 30;
};

using Start = std::function<std::unique_ptr<Child>()>;

void measure(const std::string& name, const Start& start, bool keep_alive, const Settings& settings) {
    const auto swarms = settings.peers / 10;
    const Plan ten_a_swarm = [&](std::size_t i) {
        const auto peer = static_cast<std::uint32_t>(i % settings.peers);
        return Announcing{peer % swarms, static_cast<std::uint16_t>(1000 + peer / swarms)};
    };
    {
        const auto tracker = start();
        UdpLoad udp(*tracker, settings.want);
        const auto before = tracker->usage().resident;
        print_row(name, "UDP, newcomers, to ten a swarm", settings.peers,
                  udp.run(settings.peers, ten_a_swarm));
        const auto after = tracker->usage().resident;
        print_row(name, "UDP, known peers, ten a swarm", settings.announces,
                  udp.run(settings.announces, ten_a_swarm));
        const auto http_count = settings.announces / 20;
        print_row(name, "HTTP, a connection an announce", http_count,
                  HttpLoad(*tracker, settings.want, false).run(http_count, ten_a_swarm));
        if (keep_alive)
            print_row(name, "HTTP, 32 connections that stay", http_count * 2,
                      HttpLoad(*tracker, settings.want, true).run(http_count * 2, ten_a_swarm));
        fmt::print("{:<12} {:.1f} bytes a peer, ten peers a swarm\n", name,
                   static_cast<double>(after - before) / settings.peers);
    }
    {
        const auto tracker = start();
        UdpLoad udp(*tracker, settings.want);
        const auto before = tracker->usage().resident;
        udp.run(settings.peers,
                [](std::size_t i) { return Announcing{static_cast<std::uint32_t>(i), 1000}; });
        fmt::print("{:<12} {:.1f} bytes a swarm of one peer\n", name,
                   static_cast<double>(tracker->usage().resident - before) / settings.peers);
    }
    {
        const auto tracker = start();
        UdpLoad udp(*tracker, settings.want);
        const Plan thousand = [](std::size_t i) {
            return Announcing{static_cast<std::uint32_t>(i % 50),
                              static_cast<std::uint16_t>(1000 + (i / 50) % 1000)};
        };
        const auto before = tracker->usage().resident;
        udp.run(50'000, thousand);
        const auto after = tracker->usage().resident;
        print_row(name, "UDP, known peers, 50 swarms of 1,000", settings.announces,
                  udp.run(settings.announces, thousand));
        fmt::print("{:<12} {:.1f} bytes a peer, 1,000 peers a swarm\n", name,
                   static_cast<double>(after - before) / 50'000);
    }
}

// Debian's opentracker answers for listed swarms only. It reads the list from the folder it is locked into,
// as nobody, in a thread.
void write_whitelist(const std::string& folder, std::uint32_t swarms) {
    std::filesystem::permissions(folder, std::filesystem::perms(0755));
    std::ofstream file(folder + "/whitelist");
    for (std::uint32_t swarm = 0; swarm < swarms; ++swarm) file << to_hex(swarm_hash(swarm)) << "\n";
}

int run(int argc, char** argv) {
    Settings settings;
    CLI::App app("Trackers under announces");
    app.add_option("--announces", settings.announces, "Of known peers, over UDP; HTTP: a twentieth")
        ->capture_default_str()
        ->check(at_least(20));
    app.add_option("--peers", settings.peers, "For the memory figures, and ten a swarm")
        ->capture_default_str()
        ->check(at_least(10));
    app.add_option("--want", settings.want, "Peers asked for")->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    (void)io_linux::raise_fd_limit().has_value();
    const auto self = std::filesystem::read_symlink("/proc/self/exe");
    const auto spate = self.parent_path().parent_path() / "bin/spate";
    auto state = (std::filesystem::temp_directory_path() / "spate-bench-XXXXXX").string();
    SPATE_ASSERT(mkdtemp(state.data()) != nullptr);

    // Children keep the core they are started on.
    const auto on_core_one = [](const Start& start) {
        stay_on_core(1);
        auto child = start();
        stay_on_core(0);
        return child;
    };
    fmt::print("{:<12} {:<44} {:>10} {:>10} {:>10}\n", "tracker", "announces", "a second", "us CPU", "peers");
    measure(
        "spate",
        [&] {
            return on_core_one([&] {
                return std::make_unique<Child>(
                    std::vector<std::string>{spate.string(), "tracker", "--listen", "127.0.0.1:0", "--state",
                                             state, "--json", "--announces-per-second", "0", "--swarms-max",
                                             "20000000", "--swarm-peers-max", "50000000"});
            });
        },
        true, settings);
    if (std::filesystem::exists("/usr/bin/opentracker")) {
        std::uint16_t port = 34561;
        write_whitelist(state, settings.peers);
        measure(
            "opentracker",
            [&] {
                const Endpoint endpoint{Address::loopback(), port++};
                return on_core_one([&] {
                    const auto number = std::to_string(endpoint.port);
                    return std::make_unique<Child>(
                        std::vector<std::string>{"/usr/bin/opentracker", "-i", "127.0.0.1", "-p", number,
                                                 "-P", number, "-d", state, "-w", "whitelist"},
                        endpoint);
                });
            },
            false, settings);
    }
    std::filesystem::remove_all(state);
    return 0;
}

}  // namespace
}  // namespace spate

int main(int argc, char** argv) {
    return spate::run(argc, argv);
}
