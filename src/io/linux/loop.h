// Loop: the real io::World. One thread runs it; everything made from its world lives on that thread and must
// be gone before the Loop is (pool jobs apart: the destructor waits for those begun). Asio is behind it and
// nowhere else.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "base/endpoint.h"
#include "base/time.h"
#include "io/world.h"

namespace spate::io_linux {

struct EventContext;

class Loop {
  public:
    // Threads for io::WorkPool, at least 1; made when first needed.
    explicit Loop(std::size_t pool_threads);
    // Its jobs are done by the threads of that one's pool; either may go first.
    static std::unique_ptr<Loop> with_pool_of(const Loop& other);
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;
    ~Loop();

    io::World world();

    // Until stop(). The caller's thread is the reactor's thread.
    void run();
    // One turn, waiting at most `limit` for something to do; false when nothing was.
    bool run_one(Duration limit);
    // run() returns after the callback that is running. Any thread, and from a callback; a stop() before
    // run() makes that run() return at once.
    void stop();

    // `on_arrival` runs in a turn each time one of `signals` arrives, for the Loop's life. The signals'
    // default actions (ending the process) are off from now on.
    Result<void> on_signal(const std::vector<int>& signals, std::function<void(int signal)> on_arrival);

    // Connections are made from that address, datagrams are sent from it (LinuxNetwork), here and in the
    // Loops made of this one from now on.
    void set_source(const Address& source);

    // For this folder only: what descriptors watch on.
    EventContext& events();

  private:
    struct Parts;
    explicit Loop(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace spate::io_linux
