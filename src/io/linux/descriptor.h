// Descriptor: one open file descriptor whose readiness the event loop watches. Streams, listeners, datagram
// sockets, pipes and pidfds all wait through it; they do their own reads and writes.
// Answers come in a later turn, once a wait; level semantics: what is ready already counts (each wait re-arms
// the edge-triggered epoll entry, which makes the kernel look again).
// Thread: the loop's. Owner: whoever waits; destroying closes, and the handler is not called afterwards.
#pragma once

#include <memory>

#include "base/result.h"
#include "io/linux/unique_fd.h"

namespace spate::io_linux {

struct EventContext;

class ReadyHandler {
  public:
    virtual void on_read_ready() = 0;
    virtual void on_write_ready() = 0;

  protected:
    ~ReadyHandler() = default;
};

class Descriptor {
  public:
    // Errors: epoll refuses it (EPERM, ENOSPC, ENOMEM); the descriptor is closed then. It must be
    // non-blocking.
    static Result<Descriptor> watch(EventContext& context, UniqueFd fd);
    Descriptor(Descriptor&& other) noexcept;
    Descriptor& operator=(Descriptor&& other) noexcept;
    ~Descriptor();

    void set_handler(ReadyHandler& handler);
    // Before these: set_handler(). A second wait of the same kind before the answer changes nothing.
    void wait_readable();
    void wait_writable();
    // -1 once closed.
    int fd() const;
    void close();

  private:
    struct State;
    explicit Descriptor(std::shared_ptr<State> state);
    // Shared with waits under way: they outlive a Descriptor destroyed in its own handler.
    std::shared_ptr<State> state_;
};

}  // namespace spate::io_linux
