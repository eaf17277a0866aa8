// Torrent: one torrent of a session, from magnet or metainfo to seeding. It is put together of parts that
// answer one question each (torrent_parts.h): whom to connect to (Connections), what it is (MetadataFetch),
// what to ask for and whom to serve (Content), what a message means (MessageRouter), whom peers know
// (PeerExchange).
//
//     metadata -> opening -> checking -> downloading <-> seeding          any -> failed, stopped
//
// Owner: SessionTorrent, which has no such thing while it sleeps. Thread: the reactor's.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/message_router.h"
#include "engine/peer_exchange.h"
#include "engine/torrent_identity.h"
#include "engine/torrent_parts.h"
#include "engine/torrent_record.h"

namespace spate::engine {

// Payload bytes.
struct Transferred {
    std::uint64_t downloaded = 0;
    std::uint64_t uploaded = 0;
    std::uint64_t wasted = 0;
};

class TorrentOwner {
  public:
    virtual ~TorrentOwner() = default;
    virtual void on_torrent_state(TorrentState state) = 0;
    // Peers are wanted from now on. May be told again.
    virtual void on_torrent_ready() = 0;
    // All that is wanted is there and synced; fetched: something was missing before.
    virtual void on_torrent_complete(bool fetched) = 0;
    virtual void on_torrent_failed(const Error& error) = 0;
    virtual void on_torrent_moved(const std::string& folder) = 0;
    virtual std::uint32_t seeds_at_trackers() const = 0;
};

class Torrent final : private PeerOwner,
                      private ConnectionsOwner,
                      private MetadataFetchOwner,
                      private ContentOwner,
                      private RouterOwner,
                      private TorrentRecordOwner,
                      private TurnTask {
  public:
    static constexpr Duration idle_max = std::chrono::seconds(180);
    static constexpr Duration keep_alive = std::chrono::seconds(100);

    // what: outlives it; its metainfo or magnet is not looked at but for a magnet's file selection.
    Torrent(SessionShare& share, TorrentId id, const TorrentIdentity& identity, const AddTorrent& what,
            TorrentOwner& owner);
    ~Torrent() override;

    // metainfo: null while nobody knows it. row: what the resume database knows of it.
    void start(std::shared_ptr<const metainfo::Metainfo> metainfo, std::optional<piece_store::ResumeRow> row);
    void add_peer(const Endpoint& peer, swarm::PeerSource source, const Address& teller);
    void on_external_address(const Address& address);  // as a tracker sees us

    // What to answer to an incoming handshake; nothing: it takes nobody now.
    std::optional<wire::Handshake> answer(const Endpoint& from, const hash::Sha1& swarm,
                                          const wire::Reserved& reserved) const;
    void adopt(std::unique_ptr<io::Stream> stream, const wire::Handshake& theirs, Direction direction);

    void on_tick(TimePoint now);
    // For each peer of it, below the torrent's own limits.
    void set_peer_limits(const RateLimits& limits);
    // Wanted by then (`never`: no more); nothing while the metainfo is unknown.
    void set_deadline(metainfo::PieceIndex piece, TimePoint deadline);
    using Done = std::move_only_function<void(Result<void>)>;
    // All files or none, when they are open; refused where something is there already, or while nobody knows
    // what files there are. The resume state follows.
    void move_to(std::string folder, Done done);
    // path: clean (metainfo/clean_path.h), below the folder.
    void rename_file(metainfo::FileIndex file, std::string path, Done done);
    // Tokens or buffers are there again.
    void on_rate(TimePoint now);
    void fill_status(TorrentStatus& status) const;
    std::size_t largest_output() const;  // bytes that wait to be sent to one peer
    const std::shared_ptr<const metainfo::Metainfo>& metainfo() const { return metainfo_; }
    std::size_t peers() const { return parts_.peers.size(); }
    Transferred transferred() const;
    // Of all there is, what others cannot have from us; left_unknown while that is.
    std::uint64_t bytes_left() const;
    bool partial_seed() const { return parts_.seeding() && !parts_.content->complete(); }
    // It has all it wants, the resume database knows that, and nobody is here or on the way.
    bool can_sleep() const;
    // Leaves all peers.
    void stop();
    // What is on disk is in the resume database then, if one is kept. In a later turn.
    void save(std::move_only_function<void(const Result<void>&)> done);

  private:
    // torrent_peers.cpp
    std::size_t read_allowance(Peer& peer) override;
    void on_events(Peer& peer, std::size_t bytes, std::span<const wire::Event> events) override;
    void on_sent(Peer& peer, std::size_t bytes, std::size_t block_bytes) override;
    void on_closed(Peer& peer, wire::CloseReason reason) override;
    void close_peer(Peer& peer, wire::CloseReason reason) override;
    void on_dialed(std::unique_ptr<io::Stream> stream, const wire::Handshake& theirs) override;
    wire::Handshake our_handshake() const override { return identity_.hello(); }
    bool is_our_swarm(const hash::Sha1& swarm) const override { return identity_.hash.matches(swarm); }
    bool make_way(const Endpoint& remote, const wire::Handshake& theirs, Direction direction);
    void drop_dead_end(const Endpoint& remote);
    bool is_full() const;
    std::size_t messages_allowed() const;
    Peer* most_useless(TimePoint now) const;
    void greet(Peer& peer);
    void limit(Peer& peer);
    void remember_other_way(const Peer& peer, wire::CloseReason reason);
    void drop_idle(TimePoint now);
    void close_all(wire::CloseReason reason);

    // torrent.cpp
    void on_metainfo_there(metainfo::Metainfo metainfo) override;
    void on_metainfo_unusable(const Error& error) override { fail(error); }
    void on_turn_end() override;
    bool is_the_only_one();
    void make_content();
    void remember();
    void leave_seeds();
    void on_content_state(TorrentState state) override;
    void on_content_complete() override;
    void sync_complete();
    void on_synced(const std::optional<Error>& error);
    void on_content_failed(const Error& error) override { fail(error); }
    void on_content_retry() override;
    piece_store::Checkpoints::Totals on_totals_asked() override;
    void on_record_kept() override;
    void on_record_not_kept(const Error& error, bool first) override;
    void on_content_warning(const std::string& text) override;
    void on_shown_wrong(const Endpoint& sender) override;
    bool is_known_peer(const Endpoint& endpoint) const override {
        return parts_.connections.list().knows(endpoint);
    }
    void set_state(TorrentState state);
    void fail(const Error& error);
    void resolve_peers(const std::vector<HostPort>& peers);
    void add_own_address(const Address& address);
    void count_other_seeds();
    bool takes_peers() const;

    SessionShare& share_;
    TorrentId id_;
    TorrentIdentity identity_;
    const AddTorrent& what_;
    TorrentOwner& owner_;
    TorrentParts parts_;
    MessageRouter router_;
    PeerExchange exchange_;
    std::shared_ptr<const metainfo::Metainfo> metainfo_;  // once it is known
    std::vector<std::unique_ptr<io::Pending>> resolving_;
    TorrentState state_ = TorrentState::opening;
    std::uint32_t next_number_ = 1;
    TorrentRecord record_;
    enum class Syncing : std::uint8_t { no, yes, once_more } syncing_ = Syncing::no;
    bool complete_ = false;  // all of it is synced, and that was told
    bool fetched_ = false;   // something was missing
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace spate::engine
