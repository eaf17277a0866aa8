// LinuxResolver: io::Resolver with the system's getaddrinfo, on two threads of its own: a name server that
// does not answer holds a thread for many seconds, and disk work must not wait for that, nor the program's
// end. One that is cancelled before a thread took it is never looked up. Limits: 256 lookups under way or
// waiting, more fail at once (in a later turn) with EAGAIN; 16 addresses each. Thread: the loop's. Owner:
// Loop.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "io/linux/thread_pool.h"
#include "io/network.h"

namespace spate::io_linux {

class LinuxResolver final : public io::Resolver {
  public:
    static constexpr std::size_t addresses_max = 16;
    static constexpr std::size_t lookups_max = 256;

    // Blocks; on a thread of the resolver, which may outlive it.
    using LookUp = std::function<Result<std::vector<Address>>(const std::string& host)>;
    explicit LinuxResolver(io::Reactor& reactor, LookUp look_up = system_look_up);
    std::unique_ptr<io::Pending> resolve(const std::string& host, io::ResolveCallback on_done) override;

    // getaddrinfo.
    static Result<std::vector<Address>> system_look_up(const std::string& host);

  private:
    struct Question;
    struct Waiting;
    class PendingQuestion;
    void start_next();

    io::Reactor& reactor_;
    const LookUp look_up_;
    ThreadPool pool_;
    std::shared_ptr<Waiting> waiting_;  // with the PendingQuestions
    std::size_t under_way_ = 0;
};

}  // namespace spate::io_linux
