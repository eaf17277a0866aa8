// Torrent: one torrent of a session, from magnet or metainfo to seeding. It is put together of parts that
// answer one question each (torrent_parts.h): whom to connect to (Connections), what it is (MetadataFetch),
// what to ask for and whom to serve (Content), what a message means (MessageRouter), who else is there
// (Announcer, PeerExchange).
//
//     metadata -> opening -> checking -> downloading <-> seeding          any -> failed, stopped
//
// Owner: Session. Thread: the reactor's.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/announcer.h"
#include "engine/message_router.h"
#include "engine/peer_exchange.h"
#include "engine/torrent_parts.h"

namespace spate::engine {

class Torrent final : private PeerOwner,
                      private ConnectionsOwner,
                      private MetadataFetchOwner,
                      private ContentOwner,
                      private RouterOwner,
                      private AnnounceSource,
                      private TurnTask {
  public:
    static constexpr Duration idle_max = std::chrono::seconds(180);
    static constexpr Duration keep_alive = std::chrono::seconds(100);
    static constexpr std::uint32_t peers_enough = 30;  // trackers are asked for no more

    Torrent(SessionShare& share, TorrentId id, AddTorrent what);
    ~Torrent() override;

    const metainfo::InfoHash& hash() const { return hash_; }
    // row: what the resume database knows of it.
    void start(std::optional<piece_store::ResumeRow> row);
    void add_peer(const Endpoint& peer, swarm::PeerSource source);

    // What to answer to an incoming handshake; nothing: it takes nobody now.
    std::optional<wire::Handshake> answer(const Endpoint& from, const hash::Sha1& swarm,
                                          const wire::Reserved& reserved) const;
    void adopt(std::unique_ptr<io::Stream> stream, const wire::Handshake& theirs, Direction direction);

    void on_tick(TimePoint now);
    // Tokens or buffers are there again.
    void on_rate(TimePoint now);
    TorrentStatus status() const;
    std::size_t largest_output() const;  // bytes that wait to be sent to one peer
    const metainfo::Metainfo* metainfo() const;
    // Leaves all peers; `done` when the trackers know, or after time_limit.
    void stop(Duration time_limit, std::function<void()> done);

  private:
    // torrent_peers.cpp
    std::size_t read_allowance(Peer& peer) override;
    void on_events(Peer& peer, std::size_t bytes, std::span<const wire::Event> events) override;
    void on_sent(Peer& peer, std::size_t bytes, std::size_t block_bytes) override;
    void on_closed(Peer& peer, wire::CloseReason reason) override;
    void close_peer(Peer& peer, wire::CloseReason reason) override;
    void on_dialed(std::unique_ptr<io::Stream> stream, const wire::Handshake& theirs) override;
    wire::Handshake our_handshake() const override;
    bool is_our_swarm(const hash::Sha1& swarm) const override { return hash_.matches(swarm); }
    bool make_way(const wire::Handshake& theirs, Direction direction);
    void greet(Peer& peer);
    void drop_idle(TimePoint now);
    void close_all(wire::CloseReason reason);

    // torrent.cpp
    void on_metainfo_there(metainfo::Metainfo metainfo) override;
    void on_metainfo_unusable(const Error& error) override { fail(error); }
    void on_turn_end() override;
    void make_content();
    void remember();
    void add_checkpoints(const piece_store::Checkpoints::Totals& before);
    void leave_seeds();
    void on_content_state(TorrentState state) override;
    void on_content_complete() override;
    void sync_complete();
    void on_content_failed(const Error& error) override { fail(error); }
    void on_content_warning(const std::string& text) override;
    void on_shown_wrong(const Endpoint& sender) override;
    bool is_known_peer(const Endpoint& endpoint) const override {
        return parts_.connections.list().knows(endpoint);
    }
    void set_state(TorrentState state);
    void fail(const Error& error);
    void resolve_peers(const std::vector<HostPort>& peers);
    void start_announcing();
    void count_other_seeds();
    bool takes_peers() const;

    AnnounceFigures figures() const override;
    void on_peers(std::span<const Endpoint> peers, const Address& tracker) override;
    void on_external_address(const Address& address) override;
    void on_tracker_warning(const std::string& tracker, const std::string& text) override;

    SessionShare& share_;
    TorrentId id_;
    AddTorrent what_;
    metainfo::InfoHash hash_;
    wire::PeerId peer_id_;
    TorrentParts parts_;
    MessageRouter router_;
    PeerExchange exchange_;
    Announcer announcer_;
    std::shared_ptr<const metainfo::Metainfo> metainfo_;  // once it is known
    std::optional<piece_store::ResumeRow> row_;
    std::vector<std::unique_ptr<io::Pending>> resolving_;
    TorrentState state_ = TorrentState::opening;
    std::optional<Error> error_;
    std::string warning_;
    std::uint32_t next_number_ = 1;
    bool announcing_ = false;
    bool in_checkpoints_ = false;
    bool remembering_ = false;  // its row is on the way into the resume database
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace spate::engine
