#include "io/linux/resolver.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <netdb.h>
#include <optional>
#include <sys/socket.h>
#include <utility>

#include "io/linux/socket_address.h"

namespace spate::io_linux {
namespace {
using Answer = Result<std::vector<Address>>;

struct Lookup {
    std::string host;
    Answer answer;  // written by the job, read by its completion
};

// Holds the callback on the loop's thread; the lookup itself never sees it.
struct Question {
    io::ResolveCallback on_done;

    void answer(Answer result) {
        if (!on_done) return;
        auto callback = std::exchange(on_done, nullptr);
        callback(std::move(result));
    }
};

class PendingQuestion final : public io::Pending {
  public:
    explicit PendingQuestion(std::shared_ptr<Question> question) : question_(std::move(question)) {}
    PendingQuestion(const PendingQuestion&) = delete;
    PendingQuestion& operator=(const PendingQuestion&) = delete;
    ~PendingQuestion() override { question_->on_done = nullptr; }

  private:
    std::shared_ptr<Question> question_;
};

Answer unknown(const std::string& host, const char* why) {
    return fail(Error::invalid("look up", host, why, std::errc::host_unreachable));
}

Address address_of(const addrinfo& info) {
    if (info.ai_family == AF_INET) {
        std::array<std::uint8_t, 4> octets{};
        std::memcpy(octets.data(), &reinterpret_cast<const sockaddr_in*>(info.ai_addr)->sin_addr, 4);
        return Address::v4(octets);
    }
    std::array<std::uint8_t, 16> octets{};
    std::memcpy(octets.data(), &reinterpret_cast<const sockaddr_in6*>(info.ai_addr)->sin6_addr, 16);
    return Address::v6(octets);
}

Answer look_up(const std::string& host) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;  // one row an address, not one a socket type
    addrinfo* found = nullptr;
    const int error = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
    if (error != 0) return unknown(host, ::gai_strerror(error));
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, &::freeaddrinfo);
    std::vector<Address> addresses;
    for (const addrinfo* info = found; info && addresses.size() < LinuxResolver::addresses_max;
         info = info->ai_next) {
        if (info->ai_family != AF_INET && info->ai_family != AF_INET6) continue;
        const Address address = address_of(*info);
        if (std::ranges::find(addresses, address) == addresses.end()) addresses.push_back(address);
    }
    if (addresses.empty()) return unknown(host, "it has no address");
    return addresses;
}

// What can be said without asking anybody.
std::optional<Answer> known_answer(const std::string& host, std::size_t lookups) {
    if (const auto address = Address::parse(host)) return Answer(std::vector{*address});
    if (host.empty() || host.size() > 255 || host.find('\0') != host.npos)
        return unknown(host, "it is not a host name");
    if (lookups >= LinuxResolver::lookups_max) {
        return fail(Error::invalid("look up", host, "too many lookups are under way",
                                   std::errc::resource_unavailable_try_again));
    }
    return std::nullopt;
}

}  // namespace

LinuxResolver::LinuxResolver(io::Reactor& reactor)
    : reactor_(reactor), pool_(reactor, 2, AtEnd::detach), lookups_(std::make_shared<std::size_t>(0)) {}

std::unique_ptr<io::Pending> LinuxResolver::resolve(const std::string& host, io::ResolveCallback on_done) {
    auto question = std::make_shared<Question>(std::move(on_done));
    auto pending = std::make_unique<PendingQuestion>(question);
    if (auto known = known_answer(host, *lookups_)) {
        reactor_.post(
            [question, answer = std::move(*known)]() mutable { question->answer(std::move(answer)); });
        return pending;
    }
    ++*lookups_;
    auto lookup = std::make_shared<Lookup>(host);
    pool_.submit([lookup] { lookup->answer = look_up(lookup->host); },
                 [lookup, question, lookups = lookups_] {
                     --*lookups;
                     question->answer(std::move(lookup->answer));
                 });
    return pending;
}

}  // namespace spate::io_linux
