// ShardMap: which shard each torrent of a program lives in, and what was last told of it. A new one goes to
// the shard that has the fewest; one that another shard has a part of, by another of its hashes, goes there.
// Limit: Session::torrents_max in all. Owner: Shards. Thread: the owner's.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "engine/session.h"
#include "engine/session_ledgers.h"

namespace spate::engine {

class ShardMap {
  public:
    struct Record {
        std::size_t shard = 0;
        TorrentStatus status{};
        std::shared_ptr<const metainfo::Metainfo> metainfo{};  // while its event is told
    };

    explicit ShardMap(SessionLedgers& ledgers) : ledgers_(ledgers) {}
    // So many shards are used; before add().
    void begin(std::size_t shards) { torrents_.resize(shards); }

    Result<TorrentId> add(const AddTorrent& torrent);
    // Nothing: it is not there.
    std::optional<std::size_t> remove(TorrentId id);
    // More is known of what it is.
    void learn(TorrentId id, const metainfo::InfoHash& hash);

    const std::map<TorrentId, Record>& records() const { return records_; }
    const Record& at(TorrentId id) const { return records_.at(id); }
    // Null: it is not there any more.
    Record* find(TorrentId id);

  private:
    std::size_t emptiest(const metainfo::InfoHash& hash) const;
    std::optional<unsigned> choose(const metainfo::InfoHash& hash);

    SessionLedgers& ledgers_;
    std::map<TorrentId, Record> records_;
    std::map<hash::Sha1, TorrentId> by_swarm_;
    std::vector<std::size_t> torrents_;  // of each shard
    std::uint32_t next_id_ = 1;
};

}  // namespace spate::engine
