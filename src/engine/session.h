// Session: many torrents that share one reactor thread, listen port, limits, write budget, hash queue and
// resume database. Owner: a command. Thread: the reactor's. Limits: SessionOptions; torrents_max.
//
//     Session session(world, options, events);
//     if (auto port = session.start(); !port) ...
//     auto id = session.add({.what = metainfo, .folder = "/data"});
//     ... session.status(*id) ... session.stop([&] { loop ends });
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/endpoint.h"
#include "base/log.h"
#include "base/result.h"
#include "engine/add_torrent.h"
#include "engine/torrent_status.h"
#include "io/world.h"

namespace spate::engine {

struct SessionSeat;

struct SessionOptions {
    Address bind;                     // 0.0.0.0: every IPv4 address
    std::uint16_t port_first = 6881;  // the first free one of the range; both 0: any
    std::uint16_t port_last = 6889;
    bool must_listen = true;   // false: without a free port it only connects outwards
    std::string state_folder;  // holds the resume state; empty: none is kept
    RateLimits limits;         // of all torrents together
    std::uint32_t connections_max = 512;
    std::uint32_t torrent_connections_max = 128;
    std::uint32_t half_open_max = 24;
    std::uint64_t write_budget = std::uint64_t{64} << 20;  // bytes that wait for hash or disk
    std::uint32_t upload_slots = 0;  // per torrent; 0: by rate, everybody while that is a few
    // Until a download first asks a classic tracker: the swarm's peers are heard of first, and it is they
    // that we would rather ask.
    Duration classic_after = std::chrono::seconds(3);
    // A torrent that has everything sleeps when nobody was connected for so long (needs a state_folder).
    Duration sleep_after = std::chrono::seconds(30);
};

// What happens, told on the reactor's thread, never from inside a call of Session. All optional.
class SessionEvents {
  public:
    virtual ~SessionEvents() = default;
    virtual void on_metainfo(TorrentId, const metainfo::Metainfo&) {}  // of a magnet: it is known now
    virtual void on_state(TorrentId, TorrentState) {}
    // All that was wanted is there, hashed and synced. Also for one that had everything when it was opened.
    virtual void on_finished(TorrentId) {}
    virtual void on_error(TorrentId, const Error&) {}  // the torrent's state is `failed`
    virtual void on_warning(TorrentId, const std::string& /*printable*/) {}
    // It was shown to have sent false bytes, and is banned.
    virtual void on_peer_banned(TorrentId, const Endpoint&) {}
};

// What it holds at this moment, against its caps.
struct SessionLoad {
    std::uint32_t connected = 0;
    std::uint32_t half_open = 0;
    std::uint32_t arriving = 0;  // without a whole handshake
    std::uint32_t classic = 0;   // connections of classic peers
    std::uint32_t awake = 0;     // torrents that do not sleep
    std::uint32_t announcing = 0;
    std::uint64_t write_buffers = 0;   // bytes, also those kept for use again
    std::uint64_t read_windows = 0;    // the same of pieces that are sent
    std::uint64_t largest_output = 0;  // bytes that wait to be sent to one peer
};

class Session {
  public:
    static constexpr std::size_t torrents_max = 100'000;

    Session(io::World& world, const SessionOptions& options, SessionEvents& events, Log& log);
    // One of several in a process (session_ledgers.h), by Shards.
    Session(io::World& world, const SessionOptions& options, SessionEvents& events, Log& log,
            const SessionSeat& seat);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    // Listens; the port it got (0 when it does not listen). Once, before add().
    Result<std::uint16_t> start();
    std::uint16_t port() const;

    // Refused: the torrent is there already, or torrents_max. What the disk thinks of it comes as an event.
    Result<TorrentId> add(AddTorrent torrent);
    // By an id that the caller gives to none else, and nothing else is added without one. Among several
    // sessions the caller has claimed its swarms for this one.
    Result<TorrentId> add(AddTorrent torrent, TorrentId id);
    // Its trackers hear "stopped"; files and resume state stay. It may be added again at once.
    void remove(TorrentId id);
    // Tries that peer soon.
    void add_peer(TorrentId id, const Endpoint& peer);
    // Its trackers, whenever they were to be asked: somebody knows that they have forgotten it.
    void announce_now(TorrentId id);

    using Done = std::move_only_function<void(Result<void>)>;
    // All of its files or, after an error, none; refused where something is there already.
    void move_to(TorrentId id, std::string folder, Done done);
    // path: clean (metainfo/clean_path.h), below its folder.
    void rename_file(TorrentId id, metainfo::FileIndex file, std::string path, Done done);

    std::vector<TorrentId> torrents() const;
    bool has(TorrentId id) const;
    TorrentStatus status(TorrentId id) const;  // of one that is there
    // Nothing while a magnet's is unknown, or the torrent sleeps. In on_finished() it is there.
    std::shared_ptr<const metainfo::Metainfo> metainfo_of(TorrentId id) const;
    void set_limits(const RateLimits& limits);
    // Of each peer of that torrent.
    void set_peer_limits(TorrentId id, const RateLimits& limits);
    // The piece is wanted by then, before all without a deadline, if need be from two peers at once; `never`
    // takes the deadline back. Nothing happens while the torrent's metainfo is unknown.
    void set_deadline(TorrentId id, metainfo::PieceIndex piece, TimePoint deadline);
    SessionLoad load() const;

    // Peers are left, resume state is saved and synced, trackers hear "stopped"; then `done`, after at most
    // stop_time. Afterwards only the destructor.
    static constexpr Duration stop_time = std::chrono::seconds(5);
    void stop(std::move_only_function<void()> done);

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace spate::engine
