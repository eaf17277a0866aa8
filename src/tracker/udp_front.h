// UdpFront: the tracker's UDP sockets: batches of datagrams in, batches of answers out. Answers that the
// system does not take yet hold up the reading, so that at most one batch waits; what comes meanwhile is the
// system's to keep or drop. Thread: the reactor's. Owner: TrackerServer.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "io/world.h"
#include "tracker/events.h"
#include "tracker/udp_answers.h"

namespace spate::tracker {

class UdpFront final : private io::DatagramHandler {
  public:
    // Listens at once. Errors name the endpoint.
    static Result<std::unique_ptr<UdpFront>> open(io::World world, const Endpoint& endpoint,
                                                  UdpAnswers& answers, Events& events);

    Endpoint endpoint() const { return socket_->local(); }

  private:
    static constexpr std::size_t batch_max = 64;
    static constexpr std::size_t datagram_bytes_max = 2048;  // a longer one is cut, and broken or ignored
    static constexpr int batches_a_turn = 4;                 // then the connections have their turn

    UdpFront(io::World world, UdpAnswers& answers, Events& events);
    void on_datagrams_readable() override;
    void on_datagrams_writable() override;
    bool answer_batch();
    bool send_answers();

    io::World world_;
    UdpAnswers& answers_;
    Events& events_;
    std::unique_ptr<io::DatagramSocket> socket_;
    std::vector<std::uint8_t> incoming_;
    std::array<io::ReceivedDatagram, batch_max> received_;
    std::vector<std::uint8_t> replies_;  // one behind the other
    std::vector<io::OutgoingDatagram> outgoing_;
    std::size_t sent_ = 0;
};

}  // namespace spate::tracker
