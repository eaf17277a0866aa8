// Stream and Listener: TCP by readiness. Calls never block and never call back from inside; the owner asks to
// be told when reading or writing makes sense, and gives the buffers. Not asking to read is the
// back-pressure. Thread: the reactor's. Owner: whoever holds the unique_ptr; destroying it closes and no
// handler runs afterwards.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "base/bytes.h"
#include "base/endpoint.h"
#include "base/result.h"

namespace spate::io {

class StreamHandler {
  public:
    virtual ~StreamHandler() = default;
    // A read() now gives bytes, the end or an error; now and then would_block after all, when another
    // callback has read since. Once per wait_readable(). May destroy the stream.
    virtual void on_readable() = 0;
    // A write() now takes bytes or gives an error, with the same exception. Once per wait_writable(). May
    // destroy the stream.
    virtual void on_writable() = 0;
};

// What one read() or write() did. Exactly one of: count > 0, would_block, at_end (reads only).
struct Transfer {
    std::size_t count = 0;
    bool would_block = false;
    bool at_end = false;
};

class Stream {
  public:
    virtual ~Stream() = default;

    // Must be set before a wait; the handler outlives the stream or its waits.
    virtual void set_handler(StreamHandler& handler) = 0;
    // Asking again before the handler ran changes nothing. What is there already counts: bytes left by a
    // small read() make the next wait_readable() answer in a later turn.
    virtual void wait_readable() = 0;
    virtual void wait_writable() = 0;

    // Up to into.size() bytes; into must not be empty. Errors: ECONNRESET and its kind; the stream is then
    // dead.
    virtual Result<Transfer> read(MutableBytes into) = 0;
    // Some of the parts, in order, in one call. At most 64 parts are looked at; they hold at least one byte.
    // Errors: EPIPE, ECONNRESET and their kind.
    virtual Result<Transfer> write(std::span<const Bytes> parts) = 0;

    // write() takes about so many bytes more than the network takes at once (one call's segment beyond it),
    // so that what is written later does not wait behind them. May be changed at any time.
    virtual void limit_unsent(std::size_t bytes) = 0;
    // Bytes that were written and the other system has not confirmed yet (encrypted ones of TLS). Once its
    // buffer is full they become no fewer while its program does not read.
    virtual std::size_t unconfirmed() const = 0;

    // Sends what was written, then tells the other side there is no more. Reading goes on.
    virtual void shutdown_write() = 0;
    // Closes at once with a reset: bytes not yet sent are dropped, the other side's reads fail with
    // ECONNRESET. Afterwards no handler runs, read() and write() fail with EBADF. The destructor closes
    // politely: what was written is still sent, then the end; but if received bytes were not read, the other
    // side may see a reset.
    virtual void abort() = 0;

    virtual Endpoint local() const = 0;
    virtual Endpoint remote() const = 0;
};

class ListenerHandler {
  public:
    virtual ~ListenerHandler() = default;
    virtual void on_accept(std::unique_ptr<Stream> stream) = 0;
    // Accepting failed for want of a resource (EMFILE, ENOBUFS ...). The listener tries again by itself after
    // a pause.
    virtual void on_accept_error(const Error& error) = 0;
};

class Listener {
  public:
    virtual ~Listener() = default;
    // The port is the one chosen where 0 was asked for.
    virtual Endpoint local() const = 0;
    // While paused, arriving connections wait in the system's backlog.
    virtual void pause() = 0;
    virtual void resume() = 0;
};

}  // namespace spate::io
