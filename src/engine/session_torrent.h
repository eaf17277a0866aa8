// SessionTorrent: a torrent for as long as its session has it. Awake it has a Torrent, with peers, picker and
// files; asleep, once it has everything and nobody has been connected for a while, only what it takes to
// announce it and to know it again: about a kilobyte. Whoever connects, or a leecher that a tracker tells of,
// wakes it up: the TorrentLoader brings its metainfo and state back.
//
//     loading -> awake <-> asleep          any -> stopped
//
// It stays awake where no resume state is kept, and while classic peers know it. Who comes meanwhile waits
// for it (Callers). Owner: Session. Thread: the reactor's.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/announcer.h"
#include "engine/callers.h"
#include "engine/open_tasks.h"
#include "engine/sleeper.h"
#include "engine/standing.h"
#include "engine/torrent.h"
#include "engine/torrent_loader.h"

namespace spate::engine {

class SessionTorrent final : private TorrentOwner, private AnnounceSource {
  public:
    static constexpr std::size_t peers_enough = 30;  // trackers are asked for no more

    SessionTorrent(SessionShare& share, TorrentId id, AddTorrent what);
    ~SessionTorrent() override;

    const metainfo::InfoHash& hash() const { return identity_.hash; }
    // Asks the loader for it. Once.
    void start();
    void on_loaded(LoadedTorrent loaded);

    // What to answer to an incoming handshake; nothing: it takes nobody now.
    std::optional<wire::Handshake> answer(const Endpoint& from, const hash::Sha1& swarm,
                                          const wire::Reserved& reserved) const;
    void adopt(std::unique_ptr<io::Stream> stream, const wire::Handshake& theirs);
    void add_peer(const Endpoint& peer);
    void announce_now() {
        if (announcer_) announcer_->announce_now();
    }

    void set_peer_limits(const RateLimits& limits);
    void set_deadline(metainfo::PieceIndex piece, TimePoint deadline);

    // Wakes it up for that. One that is stopped answers too: it was not done, or is not known to be.
    void move_to(std::string folder, Torrent::Done done);
    void rename_file(metainfo::FileIndex file, std::string path, Torrent::Done done);

    // Of those that are awake.
    void on_tick(TimePoint now);
    void on_rate(TimePoint now);
    TorrentStatus status() const;
    std::size_t largest_output() const { return torrent_ ? torrent_->largest_output() : 0; }
    void add_occupants(Occupants& occupants) const {
        if (torrent_) torrent_->add_occupants(occupants);
    }
    std::shared_ptr<const metainfo::Metainfo> metainfo() const {
        if (torrent_) return torrent_->metainfo();
        return sleeper_ ? sleeper_->found : nullptr;
    }
    bool holds_files() const { return torrent_ != nullptr; }
    // Leaves all peers and saves what is known, then `at_rest`; tells the trackers, then `done`: after
    // time_limit at most.
    void stop(Duration time_limit, std::function<void()> at_rest, std::function<void()> done);

  private:
    enum class Phase : std::uint8_t { loading, awake, asleep, waking, stopped };
    bool sleeps() const { return phase_ == Phase::asleep || phase_ == Phase::waking; }
    void load(LoadRequest request);
    void wake();
    void wake_up(LoadedTorrent loaded);
    void fall_asleep();
    void lie_down();
    void make_announcer(const metainfo::Metainfo* metainfo);
    Callers& callers() {
        if (!callers_) callers_ = std::make_unique<Callers>();
        return *callers_;
    }
    using Work = std::move_only_function<void(Torrent&, Torrent::Done)>;
    void ask(Torrent::Done done, Work work);
    void when_awake(Callers::Task task);

    void on_torrent_state(TorrentState state) override;
    void on_torrent_ready() override;
    void on_torrent_complete(bool fetched) override;
    void on_torrent_failed(const Error& error) override;
    void on_torrent_moved(const std::string& folder) override { what_->folder = folder; }
    std::uint32_t seeds_at_trackers() const override;

    AnnounceFigures figures() const override;
    void on_peers(std::span<const Endpoint> peers, const Address& tracker) override;
    void on_external_address(const Address& address) override;
    void on_tracker_warning(const std::string& tracker, const std::string& text) override;

    SessionShare& share_;
    TorrentId id_;
    TorrentIdentity identity_;
    std::unique_ptr<AddTorrent> what_;
    std::unique_ptr<Announcer> announcer_;
    std::unique_ptr<Torrent> torrent_;
    std::unique_ptr<Sleeper> sleeper_;
    std::unique_ptr<Callers> callers_;
    OpenTasks tasks_;
    Transferred transferred_;  // before it slept last
    Standing standing_;
    Phase phase_ = Phase::loading;
    std::shared_ptr<bool> alive_;  // for what is asked when it stops
};

}  // namespace spate::engine
