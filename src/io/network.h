// Network and Resolver: where streams, listeners and datagram sockets come from. Thread: the reactor's.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/endpoint.h"
#include "base/result.h"
#include "io/datagram.h"
#include "io/stream.h"

namespace spate::io {

// An operation under way. Destroying it cancels: its callback does not run afterwards.
class Pending {
  public:
    virtual ~Pending() = default;
};

using ConnectCallback = std::move_only_function<void(Result<std::unique_ptr<Stream>>)>;
using ResolveCallback = std::move_only_function<void(Result<std::vector<Address>>)>;

class Network {
  public:
    virtual ~Network() = default;
    // Connects; no time limit of its own beyond the system's: the owner keeps a timer and destroys the
    // Pending. `on_done` may destroy the Pending.
    [[nodiscard]] virtual std::unique_ptr<Pending> connect(const Endpoint& remote,
                                                           ConnectCallback on_done) = 0;
    // Listens at once, with address reuse. Port 0: any free one. An IPv6 endpoint takes IPv6 only.
    // Errors: EADDRINUSE, EACCES, EADDRNOTAVAIL.
    virtual Result<std::unique_ptr<Listener>> listen(const Endpoint& local, ListenerHandler& handler) = 0;
    virtual Result<std::unique_ptr<DatagramSocket>> open_datagram(const Endpoint& local) = 0;
};

class Resolver {
  public:
    virtual ~Resolver() = default;
    // An address in text form answers itself. Errors: EHOSTUNREACH with the name as object. At most 16
    // addresses.
    [[nodiscard]] virtual std::unique_ptr<Pending> resolve(const std::string& host,
                                                           ResolveCallback on_done) = 0;
};

}  // namespace spate::io
