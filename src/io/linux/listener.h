// TcpListener: io::Listener. Takes up to accept_batch connections a wake-up, then lets the others have a
// turn. When descriptors or memory run out it tells once, waits retry_pause and tries again, silently, until
// it works. Thread: the loop's.
#pragma once

#include <chrono>
#include <memory>

#include "io/linux/descriptor.h"
#include "io/reactor.h"
#include "io/stream.h"

namespace spate::io_linux {

class TcpListener final : public io::Listener, private ReadyHandler {
  public:
    static constexpr int backlog = 4096;  // the kernel cuts it to net.core.somaxconn
    static constexpr int accept_batch = 64;
    static constexpr std::chrono::milliseconds retry_pause{100};

    TcpListener(EventContext& context, io::Reactor& reactor, Descriptor listening,
                io::ListenerHandler& handler);

    Endpoint local() const override;
    void pause() override;
    void resume() override;

  private:
    void on_read_ready() override;
    void on_write_ready() override {}
    // False when nothing more can be taken now.
    bool accept_one();
    void accept_failed(int errno_value);

    EventContext& context_;
    io::Reactor& reactor_;
    io::ListenerHandler& handler_;
    Descriptor descriptor_;
    std::unique_ptr<io::Timer> retry_;
    bool paused_ = false;
    bool told_ = false;
    std::shared_ptr<void> alive_;  // its weak pointers show whether a handler destroyed us
};

Result<std::unique_ptr<io::Listener>> open_listener(EventContext& context, io::Reactor& reactor,
                                                    const Endpoint& local, io::ListenerHandler& handler);

}  // namespace spate::io_linux
