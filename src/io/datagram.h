// DatagramSocket: UDP in batches, by readiness. Thread: the reactor's.
#pragma once

#include <span>

#include "base/bytes.h"
#include "base/endpoint.h"
#include "base/result.h"

namespace spate::io {

class DatagramHandler {
  public:
    virtual ~DatagramHandler() = default;
    virtual void on_datagrams_readable() = 0;
    virtual void on_datagrams_writable() = 0;
};

struct ReceivedDatagram {
    Endpoint from;
    MutableBytes buffer;     // given by the caller
    std::size_t length = 0;  // set by the call; longer datagrams are cut to the buffer
    // Which of our addresses it was sent to, where the socket is bound to all of them; else unspecified.
    Address to{};
};

struct OutgoingDatagram {
    Endpoint to;
    Bytes payload;
    // Which of our addresses sends it, where the socket is bound to all; unspecified: the system chooses.
    Address from{};
};

class DatagramSocket {
  public:
    virtual ~DatagramSocket() = default;
    // Must be set before a wait. Waits and spurious calls are as with Stream.
    virtual void set_handler(DatagramHandler& handler) = 0;
    virtual void wait_readable() = 0;
    virtual void wait_writable() = 0;
    // How many of `into` were filled, in order; 0 when nothing is there.
    virtual Result<std::size_t> receive(std::span<ReceivedDatagram> into) = 0;
    // How many were sent, in order; 0 when the socket's buffer is full.
    // An error is about the first of them and no other was sent: skip it to go on with the rest.
    virtual Result<std::size_t> send(std::span<const OutgoingDatagram> datagrams) = 0;
    virtual Endpoint local() const = 0;
};

}  // namespace spate::io
