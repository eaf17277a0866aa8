// Shards: the torrents of a program on several network threads, as one object. Each thread has a Session with
// a listen port of its own; a torrent lives in one of them, the one that has the fewest. Caps, rates and the
// resume database are kept by all together. One shard is the program's own thread, and a Session alone.
//
// Calls are posted to the torrent's shard, what happens there is posted back; so status() is a picture of
// before, as new as the torrent's last event or the last look().
//
// Limits: shards_max; torrents_max of a Session in all; those of a listen port (Inbound, ClassicPort) are
// each shard's. Owner: a command. Thread: `world`'s, everything here, and there the events come.
//
//     Shards shards(world, {world}, options, events, log);
//     shards.start([&](auto ports) { ... shards.add({.what = metainfo, .folder = "/data"}) ... });
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "engine/session.h"

namespace spate::engine {

class Shards {
  public:
    static constexpr unsigned shards_max = 9;  // ports of the usual range

    // shards: a world for each, of a thread that runs it; or once more `world`. Only so many are used as the
    // caps of `options` allow, and as there are ports.
    Shards(const io::World& world, const std::vector<io::World>& shards, const SessionOptions& options,
           SessionEvents& events, Log& log);
    // No thread of a shard may run any more.
    ~Shards();
    Shards(const Shards&) = delete;
    Shards& operator=(const Shards&) = delete;

    using Started = std::move_only_function<void(Result<std::vector<std::uint16_t>>)>;
    // Listens; the ports, one a shard (0: it does not listen). Once, before all else.
    void start(Started done);

    // As those of Session. A refusal by the shard comes as on_error().
    Result<TorrentId> add(AddTorrent torrent);
    void remove(TorrentId id);
    void add_peer(TorrentId id, const Endpoint& peer);
    void announce_now(TorrentId id);
    void set_limits(const RateLimits& limits);
    void set_peer_limits(TorrentId id, const RateLimits& limits);
    void set_deadline(TorrentId id, metainfo::PieceIndex piece, TimePoint deadline);
    void move_to(TorrentId id, std::string folder, Session::Done done);
    void rename_file(TorrentId id, metainfo::FileIndex file, std::string path, Session::Done done);

    std::vector<TorrentId> torrents() const;
    const TorrentStatus& status(TorrentId id) const;
    // In on_metainfo() and on_finished().
    std::shared_ptr<const metainfo::Metainfo> metainfo_of(TorrentId id) const;
    // Where peers reach it: its shard's.
    std::uint16_t port_of(TorrentId id) const;
    // Brings status() of all and load() up to date, then `done`; asked again meanwhile, it is one answer.
    void look(io::Callback done);
    const std::vector<SessionLoad>& load() const;  // of each shard

    // As Session::stop().
    void stop(io::Callback done);

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace spate::engine
