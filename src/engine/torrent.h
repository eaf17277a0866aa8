// Torrent: one torrent of a session, from magnet or metainfo to seeding: which of its states it is in. What
// it does there is done by parts that answer one question each (torrent_parts.h): what it is (MetadataFetch),
// whether it is here (Content) and for good (Completion), whom to connect to (Connections), who is connected
// (ConnectedPeers), what a restart will know (TorrentRecord).
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

#include "engine/completion.h"
#include "engine/connected_peers.h"
#include "engine/torrent_identity.h"
#include "engine/torrent_parts.h"
#include "engine/torrent_record.h"

namespace spate::engine {

// Payload bytes.
struct Transferred {
    std::uint64_t downloaded = 0;
    std::uint64_t uploaded = 0;
    std::uint64_t wasted = 0;
    Transferred& operator+=(const Transferred& more) {
        downloaded += more.downloaded;
        uploaded += more.uploaded;
        wasted += more.wasted;
        return *this;
    }
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

class Torrent final : private ConnectionsOwner,
                      private ConnectedPeersOwner,
                      private MetadataFetchOwner,
                      private ContentOwner,
                      private TorrentRecordOwner,
                      private CompletionOwner,
                      private TurnTask {
  public:
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
                                          const wire::Reserved& reserved) const {
        return connected_.answer(from, swarm, reserved);
    }
    void adopt(std::unique_ptr<io::Stream> stream, const wire::Handshake& theirs) {
        connected_.adopt(std::move(stream), theirs, Direction::incoming);
    }

    void on_tick(TimePoint now);
    // For each peer of it, below the torrent's own limits.
    void set_peer_limits(const RateLimits& limits) { connected_.set_limits(limits); }
    // Wanted by then (`never`: no more); nothing while the metainfo is unknown.
    void set_deadline(metainfo::PieceIndex piece, TimePoint deadline);
    using Done = std::move_only_function<void(Result<void>)>;
    // All files or none, when they are open; refused where something is there already, or while nobody knows
    // what files there are. The resume state follows.
    void move_to(std::string folder, Done done);
    // path: clean (metainfo/clean_path.h), below the folder.
    void rename_file(metainfo::FileIndex file, std::string path, Done done);
    // Tokens or buffers are there again.
    void on_rate(TimePoint now) { connected_.on_rate(now); }
    void fill_status(TorrentStatus& status) const;
    std::size_t largest_output() const { return connected_.largest_output(); }
    void add_occupants(Occupants& occupants) const { connected_.add_occupants(occupants); }
    const std::shared_ptr<const metainfo::Metainfo>& metainfo() const { return parts_.metainfo; }
    std::size_t peers() const { return parts_.peers.size(); }
    Transferred transferred() const;
    // Of all there is, what others cannot have from us; left_unknown while that is.
    std::uint64_t bytes_left() const;
    bool partial_seed() const { return parts_.seeding() && !parts_.content->complete(); }
    // It has all it wants, the resume database knows that, and nobody was here or on the way for so long.
    bool was_quiet_for(Duration time, TimePoint now) const {
        return quiet_since_ != never && now - quiet_since_ >= time;
    }
    // Leaves all peers.
    void stop();
    // What is on disk is in the resume database then, if one is kept. In a later turn.
    void save(Done done) { record_.flush(std::move(done)); }

  private:
    void on_metainfo_there(metainfo::Metainfo metainfo) override;
    void on_metainfo_unusable(const Error& error) override { fail(error); }
    void on_turn_end() override;
    bool is_the_only_one();
    void make_content();
    void set_state(TorrentState state);
    void fail(const Error& error);

    void on_content_state(TorrentState state) override;
    void on_content_complete() override;
    void on_content_failed(const Error& error) override { fail(error); }
    void on_content_retry() override;
    void on_content_warning(const std::string& text) override;
    void on_shown_wrong(const Endpoint& sender) override;
    bool is_known_peer(const Endpoint& endpoint) const override {
        return parts_.connections.list().knows(endpoint);
    }
    bool is_whole() const override;
    void on_complete(bool fetched) override;
    void on_not_synced(const Error& error) override { parts_.content->files().wait_for(error); }
    void remember();
    piece_store::Checkpoints::Totals on_totals_asked() override;
    void on_record_kept() override;
    void on_record_not_kept(const Error& error, bool first) override;

    bool takes_peers() const override;
    void on_peer_gone() override { at_turn_end(); }
    void close_peer(Peer& peer, wire::CloseReason reason) override { connected_.close_peer(peer, reason); }
    void make_room_to_dial() override { connected_.make_room_to_dial(); }
    void on_dialed(std::unique_ptr<io::Stream> stream, const wire::Handshake& theirs) override;
    wire::Handshake our_handshake() const override { return identity_.hello(); }
    bool is_our_swarm(const hash::Sha1& swarm) const override { return identity_.hash.matches(swarm); }
    bool is_quiet() const;
    void resolve_peers(const std::vector<HostPort>& peers);
    void add_own_address(const Address& address);
    void count_other_seeds();

    SessionShare& share_;
    TorrentId id_;
    TorrentIdentity identity_;
    const AddTorrent& what_;
    TorrentOwner& owner_;
    TorrentParts parts_;
    ConnectedPeers connected_;
    std::vector<std::unique_ptr<io::Pending>> resolving_;
    TorrentState state_ = TorrentState::opening;
    TorrentRecord record_;
    Completion completion_;
    TimePoint quiet_since_ = never;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace spate::engine
