// LoopThread: a Loop that a thread of its own runs, for what lives beside the program's first one. Whatever
// is made from its world is made and used by what is posted to its reactor, and is destroyed there or after
// stop(). Signals of the process go to other threads. Thread: the owner's, but for world().reactor.post().
#pragma once

#include <memory>
#include <thread>

#include "io/linux/loop.h"

namespace spate::io_linux {

class LoopThread {
  public:
    // Its jobs are done by the threads of that loop's pool.
    explicit LoopThread(const Loop& pool_of);
    LoopThread(const LoopThread&) = delete;
    LoopThread& operator=(const LoopThread&) = delete;
    ~LoopThread() { stop(); }

    io::World world() { return loop_->world(); }
    // The callback that is running is its last. Waits for that.
    void stop();

  private:
    std::unique_ptr<Loop> loop_;
    std::thread thread_;
};

}  // namespace spate::io_linux
