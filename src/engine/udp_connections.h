// UdpConnections: sockets to UDP trackers and the connection ids that came over them, for the minute in which
// an id may be used again (BEP 15): a question takes one and gives it back once it was answered, so that a
// thousand torrents at one tracker connect a few times only. The socket stays with its id, as some trackers
// bind ids to the port. Limits: kept_max, the oldest goes; those that are too old go with the next call.
// Owner: AnnounceSchedule. Thread: the reactor's.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "announce/udp_exchange.h"
#include "base/endpoint.h"
#include "io/datagram.h"

namespace spate::engine {

struct UdpConnection {
    Endpoint tracker;
    std::unique_ptr<io::DatagramSocket> socket;
    announce::UdpConnectionId id;
};

class UdpConnections final : private io::DatagramHandler {
  public:
    static constexpr std::size_t kept_max = 16;

    // Its handler is to be set anew.
    std::optional<UdpConnection> take(const Endpoint& tracker, TimePoint now);
    void keep(UdpConnection connection, TimePoint now);

  private:
    // Nobody waits for what comes meanwhile.
    void on_datagrams_readable() override {}
    void on_datagrams_writable() override {}
    void drop_old(TimePoint now);

    std::vector<UdpConnection> kept_;
};

}  // namespace spate::engine
