// Shard: a Session on its network thread, as Shards sees it from its own. What happens there is posted to
// Shards with a picture of the torrent. Owner: Shards. Thread: start(), post() and port() Shards' own; the
// rest the shard's.
#pragma once

#include <functional>
#include <memory>

#include "engine/session.h"
#include "engine/session_ledgers.h"

namespace spate::engine {

// A torrent at the moment of an event.
struct ShardEvent {
    TorrentId id;
    TorrentStatus status;
    std::shared_ptr<const metainfo::Metainfo> metainfo;  // of on_metainfo() and on_finished()
    std::function<void(SessionEvents& events)> tell;
};

class ShardOwner {
  public:
    virtual ~ShardOwner() = default;
    virtual void on_event(ShardEvent event) = 0;
    virtual void on_log(LogLevel level, const std::string& text) = 0;
};

class Shard final : private SessionEvents, private Log {
  public:
    // home: where owner's calls are posted to, while *alive.
    Shard(const io::World& world, const io::World& home, ShardOwner& owner, std::shared_ptr<bool> alive);

    // Makes the session; on_port: on the owner's thread.
    void start(const SessionOptions& options, const SessionSeat& seat,
               std::function<void(Result<std::uint16_t>)> on_port);
    // Work with the session on its thread.
    void post(std::move_only_function<void(Session&)> work);
    // The session ends; nothing is posted afterwards.
    void end();
    // Back on the owner's thread.
    void answer(io::Callback work);

  private:
    void on_metainfo(TorrentId id, const metainfo::Metainfo&) override;
    void on_state(TorrentId id, TorrentState state) override;
    void on_finished(TorrentId id) override;
    void on_error(TorrentId id, const Error& error) override;
    void on_warning(TorrentId id, const std::string& text) override;
    void on_peer_banned(TorrentId id, const Endpoint& peer) override;
    void write(LogLevel level, std::string_view text) override;
    void tell(TorrentId id, std::shared_ptr<const metainfo::Metainfo> metainfo,
              std::function<void(SessionEvents&)> tell);

    io::World world_;
    io::World home_;
    ShardOwner& owner_;
    const std::shared_ptr<bool> alive_;  // read on the owner's thread only
    std::unique_ptr<Session> session_;   // the shard's thread only
};

}  // namespace spate::engine
