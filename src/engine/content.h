// Content: whether a torrent's content is here, once its metainfo is known. Brings together what is wanted
// (WantedPieces), what lies on disk (TorrentFiles), what peers are told of it (ShownPieces), what is fetched
// (Downloads, ClassicSide) and served (Uploads, FirstCopies): what one of them learns of a piece reaches the
// others, and its owner hears of the state that follows. HAVEs go out once a turn.
// Owner: Torrent. Thread: the reactor's.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "engine/add_torrent.h"
#include "engine/classic_side.h"
#include "engine/downloads.h"
#include "engine/first_copies.h"
#include "engine/session_share.h"
#include "engine/shown_pieces.h"
#include "engine/torrent_files.h"
#include "engine/torrent_status.h"
#include "engine/uploads.h"
#include "engine/wanted_pieces.h"

namespace spate::engine {

class ContentOwner {
  public:
    virtual ~ContentOwner() = default;
    // opening, checking, downloading, seeding, waiting.
    virtual void on_content_state(TorrentState state) = 0;
    // Everything wanted is there, not yet synced.
    virtual void on_content_complete() = 0;
    virtual void on_content_failed(const Error& error) = 0;
    // While it waits for the disk: what failed by files().wait_for() is to be tried again.
    virtual void on_content_retry() = 0;
    virtual void on_content_warning(const std::string& text) = 0;
    virtual void on_shown_wrong(const Endpoint& sender) = 0;
    virtual bool is_known_peer(const Endpoint& endpoint) const = 0;
    virtual void close_peer(Peer& peer, wire::CloseReason reason) = 0;
};

// What the resume database knows of it.
struct ContentRecord {
    std::optional<piece_store::StoredState> state;
    bool claimed = false;  // it may claim pieces, though no state is given
};

class Content final : private piece_store::StoreEvents,
                      private DownloadsOwner,
                      private UploadsOwner,
                      private ClassicSourcesOwner,
                      private TorrentFilesOwner,
                      private TurnTask {
  public:
    // In the end game all are looked at so often, though nothing happens: who has nothing left to bring takes
    // over from the slow, and what is late becomes so by time alone. Twice as long when nothing came; then at
    // the tick.
    static constexpr Duration end_interval = std::chrono::milliseconds(100);
    static constexpr Duration end_interval_max = std::chrono::seconds(1);

    // what: outlives it; its metainfo is not looked at.
    Content(SessionShare& share, PeerTable& peers, swarm::RateLimiter& down, swarm::RateLimiter& up,
            std::shared_ptr<const metainfo::Metainfo> metainfo, const AddTorrent& what, ContentRecord record,
            ContentOwner& owner);

    void open();
    // What is here is known, but for what a check may still find: peers can be told and served.
    bool greets() const { return files_.is_open(); }
    // All of it is known, and the rest is asked for.
    bool ready() const { return files_.known(); }
    bool seeding() const { return ready() && downloads_.picker().missing() == 0; }
    // Has all there is, not only all it wants.
    bool complete() const { return ready() && shown_.all(); }

    void peer_joined(Peer& peer);
    // Tells it what is here; once, when greets().
    void greet(Peer& peer, const hash::Sha1& swarm);
    void peer_gone(Peer& peer);
    // What it said before the piece count was known. False: that was no bitfield of this torrent.
    bool take_early_have(Peer& peer);

    Downloads& downloads() { return downloads_; }
    Uploads& uploads() { return uploads_; }
    FirstCopies& first_copies() { return first_copies_; }
    TorrentFiles& files() { return files_; }
    piece_store::PieceStore& store() { return files_.store(); }
    const metainfo::Metainfo& metainfo() const { return *metainfo_; }
    std::shared_ptr<const metainfo::Metainfo> shared_metainfo() const { return metainfo_; }

    void on_sent(Peer& peer, std::size_t block_bytes);
    void pump(Peer& peer) { uploads_.pump(peer, share_.now()); }
    void on_tick(TimePoint now);
    void fill_status(TorrentStatus& status, TimePoint now) const;
    std::uint64_t bytes_left() const;
    // Of the whole torrent, what nobody can have from us: what a tracker is told is left (BEP 21).
    std::uint64_t bytes_not_shown() const;
    // Payload, to classic peers too.
    std::uint64_t uploaded() const;

  private:
    void tell_lost(const piece_store::Opened& opened);
    void restore();
    TorrentState state() const;
    void tell_state() { owner_.on_content_state(state()); }
    void finish();
    void tell_have(Peer& peer);
    void join_classic();
    void fill_bar(TorrentStatus& status) const;

    void on_files_open(const piece_store::Opened& opened) override;
    void on_files_checking() override { tell_state(); }
    void on_files_known() override;
    void on_files_unread(const Error& why) override { owner_.on_content_warning(why.message()); }
    void on_files_failed(const Error& error) override { owner_.on_content_failed(error); }
    void on_files_waiting() override;
    void on_files_well() override;
    void on_files_retry() override { owner_.on_content_retry(); }
    bool has_all_wanted() const override { return seeding(); }
    void on_verdicts(std::span<const piece_store::PieceVerdict> verdicts) override;
    void on_lost(std::span<const metainfo::PieceIndex> pieces, const Error& why) override;
    void on_piece_there(metainfo::PieceIndex piece) override;
    void on_all_asked() override { at_turn_end(); }
    void on_shown_wrong(const Endpoint& sender) override;
    bool is_known_peer(const Endpoint& endpoint) const override { return owner_.is_known_peer(endpoint); }
    void on_found(std::span<const metainfo::PieceIndex> pieces) override;
    void on_disk_trouble(const Error& error) override { files_.on_disk_trouble(error); }
    void on_disk_well() override { files_.on_disk_well(); }
    void on_disk_error(const Error& error) override { files_.wait_for(error); }
    void close_peer(Peer& peer, wire::CloseReason reason) override { owner_.close_peer(peer, reason); }
    void on_loaded(Peer& peer) override { pump(peer); }
    void wants_rate() override { share_.want_rate(); }
    bool may_know(const Peer& peer, metainfo::PieceIndex piece) const override {
        return first_copies_.may_request(peer, piece);
    }
    void on_asked(const Peer& peer, metainfo::PieceIndex piece) override {
        first_copies_.on_request(peer, piece);
    }
    void on_block_out(const Peer& peer, const wire::BlockRequest& block) override;
    void on_block_back(const Peer& peer, const wire::BlockRequest& block) override {
        first_copies_.on_block_back(peer, block);
    }
    void on_turn_end() override;
    void on_end_game();

    SessionShare& share_;
    PeerTable& peers_;
    std::shared_ptr<const metainfo::Metainfo> metainfo_;
    const AddTorrent& what_;
    ContentOwner& owner_;
    WantedPieces wanted_;
    ShownPieces shown_;
    TorrentFiles files_;
    Downloads downloads_;
    Uploads uploads_;
    FirstCopies first_copies_;
    ClassicSide classic_;
    struct EndGame {
        std::unique_ptr<io::Timer> timer;  // to look again at who could help
        Duration pause{};
        std::uint64_t received = 0;  // when it was last looked at
    };
    EndGame end_game_;
    bool finished_ = false;  // all that is wanted is there, and that was told
};

}  // namespace spate::engine
