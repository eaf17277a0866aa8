// SwarmIndex: which torrent of a session a swarm belongs to. Among several sessions of a process it keeps
// what is claimed for this one (SwarmClaims): the caller of Session::add() did that by the hash that was
// known then. Limit: two swarms a torrent. Owner: Session. Thread: the reactor's.
#pragma once

#include <map>
#include <optional>

#include "engine/add_torrent.h"
#include "engine/session_ledgers.h"

namespace spate::engine {

class SwarmIndex {
  public:
    explicit SwarmIndex(const SessionSeat& seat) : seat_(seat) {}

    std::optional<TorrentId> find(const hash::Sha1& swarm) const;
    // False: one of its swarms is somebody's.
    bool add(TorrentId id, const metainfo::InfoHash& hash);
    // Nobody finds it any more; it is claimed still.
    void remove(TorrentId id);
    // Of a magnet that was known as `known`. False: the same content is there by another of its hashes; of
    // the two the one that learns it first goes.
    bool learn(TorrentId id, const metainfo::InfoHash& known, const metainfo::InfoHash& whole);
    // Its files are free for another session.
    void release(TorrentId id, const metainfo::InfoHash& known);

  private:
    const SessionSeat seat_;
    std::map<hash::Sha1, TorrentId> by_swarm_;
    std::map<TorrentId, metainfo::InfoHash> claimed_;  // of those that learned it; else as they are known
};

}  // namespace spate::engine
