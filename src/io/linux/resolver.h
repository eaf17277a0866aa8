// LinuxResolver: io::Resolver with the system's getaddrinfo, on two threads of its own: a name server that
// does not answer holds a thread for many seconds, and disk work must not wait for that, nor the program's
// end. Limits: 256 lookups under way or waiting, more fail at once (in a later turn) with EAGAIN; 16
// addresses each. Thread: the loop's. Owner: Loop.
#pragma once

#include <cstddef>
#include <memory>

#include "io/linux/thread_pool.h"
#include "io/network.h"

namespace spate::io_linux {

class LinuxResolver final : public io::Resolver {
  public:
    static constexpr std::size_t addresses_max = 16;
    static constexpr std::size_t lookups_max = 256;

    explicit LinuxResolver(io::Reactor& reactor);
    std::unique_ptr<io::Pending> resolve(const std::string& host, io::ResolveCallback on_done) override;

  private:
    io::Reactor& reactor_;
    ThreadPool pool_;
    std::shared_ptr<std::size_t> lookups_;
};

}  // namespace spate::io_linux
