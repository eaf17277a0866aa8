#include "io/linux/resolver.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <netdb.h>
#include <sys/socket.h>
#include <utility>

#include "io/linux/socket_address.h"

namespace spate::io_linux {
namespace {
using Answer = Result<std::vector<Address>>;

constexpr std::size_t threads = 2;

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

}  // namespace

Answer LinuxResolver::system_look_up(const std::string& host) {
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

struct LinuxResolver::Question {
    std::string host;
    io::ResolveCallback on_done;

    void answer(Answer result) {
        if (!on_done) return;
        auto callback = std::exchange(on_done, nullptr);
        callback(std::move(result));
    }
};

// Those no thread has taken yet.
struct LinuxResolver::Waiting {
    std::deque<std::shared_ptr<Question>> questions;
};

class LinuxResolver::PendingQuestion final : public io::Pending {
  public:
    PendingQuestion(std::shared_ptr<Question> question, std::shared_ptr<Waiting> waiting)
        : question_(std::move(question)), waiting_(std::move(waiting)) {}
    PendingQuestion(const PendingQuestion&) = delete;
    PendingQuestion& operator=(const PendingQuestion&) = delete;
    ~PendingQuestion() override {
        question_->on_done = nullptr;
        std::erase(waiting_->questions, question_);
    }

  private:
    std::shared_ptr<Question> question_;
    std::shared_ptr<Waiting> waiting_;
};

LinuxResolver::LinuxResolver(io::Reactor& reactor, LookUp look_up)
    : reactor_(reactor),
      look_up_(std::move(look_up)),
      pool_(reactor, threads, AtEnd::detach),
      waiting_(std::make_shared<Waiting>()) {}

std::unique_ptr<io::Pending> LinuxResolver::resolve(const std::string& host, io::ResolveCallback on_done) {
    auto question = std::make_shared<Question>(host, std::move(on_done));
    auto pending = std::make_unique<PendingQuestion>(question, waiting_);
    const auto answer_later = [&](Answer answer) {
        reactor_.post(
            [question, answer = std::move(answer)]() mutable { question->answer(std::move(answer)); });
    };
    if (const auto address = Address::parse(host)) {
        answer_later(std::vector{*address});
    } else if (host.empty() || host.size() > 255 || host.find('\0') != host.npos) {
        answer_later(unknown(host, "it is not a host name"));
    } else if (under_way_ + waiting_->questions.size() >= lookups_max) {
        answer_later(fail(Error::invalid("look up", host, "too many lookups are under way",
                                         std::errc::resource_unavailable_try_again)));
    } else {
        waiting_->questions.push_back(std::move(question));
        start_next();
    }
    return pending;
}

// The pool gets no more than it has threads for: what waits there could not be taken back.
void LinuxResolver::start_next() {
    if (under_way_ == threads || waiting_->questions.empty()) return;
    const auto question = std::move(waiting_->questions.front());
    waiting_->questions.pop_front();
    ++under_way_;
    const auto answer = std::make_shared<Answer>();  // written by the job, read by its completion
    pool_.submit([look_up = look_up_, host = question->host, answer] { *answer = look_up(host); },
                 [this, question, answer] {
                     --under_way_;
                     start_next();
                     question->answer(std::move(*answer));
                 });
}

}  // namespace spate::io_linux
