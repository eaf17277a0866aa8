// UdpTrackerQuestion: an announce over UDP: resolves, takes a connection that is there (UdpConnections) or
// opens a socket, carries announce::UdpTrackerExchange's datagrams. Only datagrams from the address asked are
// looked at. Thread: the reactor's.
#pragma once

#include <optional>
#include <vector>

#include "announce/udp_exchange.h"
#include "engine/tracker_question.h"
#include "engine/udp_connections.h"

namespace spate::engine {

class UdpTrackerQuestion final : public TrackerQuestion, private io::DatagramHandler {
  public:
    UdpTrackerQuestion(io::World& world, Rng& rng, UdpConnections& connections, const TrackerAddress& tracker,
                       const announce::AnnounceRequest& request, Duration time_limit, AnnounceDone done);
    Address asked() const override { return remote_.address; }
    bool was_heard() const override { return exchange_ && exchange_->connection(); }

  private:
    void on_resolved(Result<std::vector<Address>> addresses);
    void begin(const Address& address);
    void on_datagrams_readable() override;
    void on_datagrams_writable() override { go_on(); }
    void on_timer();
    void go_on();
    void finish(Result<AnnounceAnswer> answer);
    Error error(std::string why, std::errc kind) const;

    io::World& world_;
    Rng& rng_;
    UdpConnections& connections_;
    TrackerAddress tracker_;
    announce::AnnounceRequest request_;
    AnnounceDone done_;
    TimePoint deadline_;
    Endpoint remote_;
    std::optional<announce::UdpTrackerExchange> exchange_;
    std::vector<std::uint8_t> unsent_;
    std::unique_ptr<io::Pending> resolving_;
    std::unique_ptr<io::DatagramSocket> socket_;
    std::unique_ptr<io::Timer> timer_;
};

}  // namespace spate::engine
