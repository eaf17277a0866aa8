// SourceLink: fetches from one source. Cuts fetches into requests, finds the form that the peer understands,
// and keeps one pipelined connection to a peer that speaks `plus` or up to `plain_connections` one-chunk
// connections to any other.
//
// Every fetch ends once: with its last byte, a refusal, a failure of the source, or give_up(). Callbacks
// never come from inside a call. The owner must not destroy the link from inside a callback. Limits: see
// SourceLinkLimits. Owner: Receiver. Thread: the reactor's.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/rng.h"
#include "classic_peer/chunk_connection.h"
#include "classic_peer/download.h"
#include "classic_peer/peer_dialect.h"
#include "classic_peer/pipeline_window.h"

namespace spate::classic_peer {

class SourceLinkOwner {
  public:
    virtual ~SourceLinkOwner() = default;
    // Bytes of the fetch, in order; `range` may begin behind what came before (then the bytes between did not
    // come).
    virtual void on_fetched(FetchId fetch, ByteRange range, std::string_view data) = 0;
    virtual void on_refused(SourceId source, FetchId fetch) = 0;
    // The source failed, and with it these fetches. `reason` is for people.
    virtual void on_source_failed(SourceId source, const std::vector<FetchId>& fetches,
                                  std::string reason) = 0;
    virtual void on_capacity(SourceId source, SourceCapacity capacity) = 0;
};

struct SourceLinkLimits {
    bool pipeline = true;  // try the form that carries many requests on one connection
    std::size_t plain_connections = 4;
    Duration form_timeout = std::chrono::seconds(3);  // for a chunk while the peer's form is not known
    ChunkConnectionLimits connection;
};

class SourceLink final : private ChunkConnectionOwner {
  public:
    SourceLink(io::World& world, SourceId id, HostPort peer, std::string file_name, std::uint64_t file_size,
               SourceLinkLimits limits, SourceLinkOwner& owner);
    ~SourceLink() override;

    // What the peer is believed to have; needed to word requests.
    void set_claims(const RangeSet& claims) { claims_ = claims; }
    void fetch(const Fetch& fetch);
    // Ends every fetch without a callback and closes the connections.
    std::vector<FetchId> give_up();

    SourceCapacity capacity() const;

  private:
    struct Part {  // one request under way or to come
        FetchId fetch;
        ByteRange wanted;
    };
    struct Connection {
        std::unique_ptr<ChunkConnection> wire;
        std::deque<Part> parts;  // under way, in the order asked
    };

    void resolve();
    void pump();
    void schedule_pump();
    void open_connection();
    bool ask_next(Connection& connection);
    Connection& of(ChunkConnection& wire);
    void drop_connection(ChunkConnection& wire);
    void on_chunk(ChunkConnection& wire, ByteRange asked, classic::ChunkVerdict verdict,
                  std::string_view data, Duration delay) override;
    void on_closed(ChunkConnection& wire, classic::ChunkVerdict why, const Error* error) override;
    // `asking_rest`: the rest of the fetch is asked for or queued already.
    void arrived(const Part& part, ByteRange asked, std::string_view data, bool asking_rest);
    void requeue(const std::deque<Part>& parts);
    void refuse(FetchId fetch);
    void fail_source(std::string reason);
    void tell_capacity();

    io::World& world_;
    SourceId id_;
    HostPort peer_;
    std::string file_name_;
    std::uint64_t file_size_;
    SourceLinkLimits limits_;
    SourceLinkOwner& owner_;
    RangeSet claims_;
    PeerDialect dialect_;
    PipelineWindow window_;
    std::map<FetchId, ByteRange> left_;  // of every fetch under way: what has not come
    std::deque<Part> queue_;             // not asked yet
    std::vector<std::unique_ptr<Connection>> connections_;
    std::optional<Address> address_;
    std::unique_ptr<io::Pending> resolving_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    bool pump_scheduled_ = false;
};

}  // namespace spate::classic_peer
