// LeavingTorrents: those that were removed from a session: their files come to rest, their trackers are told.
// Two that write to the same files, or to the same row, must not be: one that is added again meanwhile begins
// when the other's files are at rest. Owner: Session. Thread: the reactor's.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "engine/session_torrent.h"

namespace spate::engine {

class LeavingTorrents {
  public:
    std::size_t size() const { return torrents_.size(); }
    bool has(TorrentId id) const { return torrents_.contains(id); }
    SessionTorrent& add(TorrentId id, std::unique_ptr<SessionTorrent> torrent);
    void erase(TorrentId id) { torrents_.erase(id); }
    void clear() { torrents_.clear(); }

    // Now, or when none of them holds its files. newcomer: leaves by forget() if it goes before.
    void start(SessionTorrent& newcomer);
    void forget(const SessionTorrent& newcomer) { std::erase(waiting_, &newcomer); }
    // The files of one of them are at rest.
    void on_at_rest();

  private:
    bool hold(const metainfo::InfoHash& hash) const;

    std::map<TorrentId, std::unique_ptr<SessionTorrent>> torrents_;
    std::vector<SessionTorrent*> waiting_;
};

}  // namespace spate::engine
