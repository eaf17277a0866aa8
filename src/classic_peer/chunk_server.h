// ChunkServer: listens, and serves one file to many peers (ServeConnection): `connections_max` in all,
// `per_address_max` of one source; beyond that one that asks for nothing is closed (giving_way.h), or the
// newcomer.
// Owner: Sender, or a Receiver that seeds. Thread: the reactor's.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "classic_peer/peer_events.h"
#include "classic_peer/serve_connection.h"

namespace spate::classic_peer {

struct ServingOptions {
    Endpoint listen{Address::loopback(), 0};  // any free port if the port is taken
    std::optional<std::string>
        advertise;  // the host that others reach us at; nothing: as the tracker sees us
    std::size_t connections_max = 512;
    std::size_t per_address_max = 256;
    Duration idle_timeout = std::chrono::seconds(60);
    Duration reannounce_interval = std::chrono::seconds(300);  // below the tracker's 900 s
};

class ChunkServer final : private io::ListenerHandler, private ServeConnectionOwner {
  public:
    struct Handlers {
        std::function<void(const Error&)> on_file_broken;  // once; nothing is served any more
        std::function<void()> on_sent;
    };

    ChunkServer(io::World& world, const ServingOptions& options, std::string key, ChunkSource& source,
                std::uint64_t size, PeerEvents& events, Handlers handlers);

    Result<Endpoint> listen();

    const Offer& offer() const { return served_.offer; }
    void promise(ByteRange range) { served_.offer.promise(range); }
    void announce(ByteRange range);
    // Whether the whole file is served, announced or not.
    void open_whole(bool open);
    // What was sent at least once since the last open_whole(false).
    const RangeSet& sent() const { return sent_; }
    std::size_t connections() const { return connections_.size(); }

  private:
    void on_accept(std::unique_ptr<io::Stream> stream) override;
    void on_accept_error(const Error& error) override;
    Served* find_served(const std::optional<std::string>& name) override;
    void on_sent(ServeConnection& connection, const std::vector<ByteRange>& ranges) override;
    void on_transferring(const std::string& sentence) override { events_.on_sentence(sentence); }
    void on_file_broken(const Error& error) override;
    void on_over(ServeConnection& connection) override;
    bool make_room_for(const Address& source);
    void close(ServeConnection& connection);

    io::World& world_;
    ServingOptions options_;
    Served served_;
    PeerEvents& events_;
    Handlers handlers_;
    RangeSet sent_;
    bool broken_ = false;
    std::unordered_map<Address, std::size_t> of_source_;
    std::map<ServeConnection*, std::unique_ptr<ServeConnection>> connections_;
    std::unique_ptr<io::Listener> listener_;
};

}  // namespace spate::classic_peer
