#include "engine/shard_map.h"

#include "base/assert.h"

namespace spate::engine {

std::size_t ShardMap::emptiest(const metainfo::InfoHash& hash) const {
    const std::size_t first = swarms_of(hash).front()[0] % torrents_.size();
    std::size_t found = first;
    for (std::size_t i = 0; i < torrents_.size(); ++i) {
        const std::size_t shard = (first + i) % torrents_.size();
        if (torrents_[shard] < torrents_[found]) found = shard;
    }
    return found;
}

// Nothing: it is there already.
std::optional<unsigned> ShardMap::choose(const metainfo::InfoHash& hash) {
    for (const auto& swarm : swarms_of(hash))
        if (by_swarm_.contains(swarm)) return std::nullopt;
    if (ledgers_.sessions == 1) return 0;
    // One that was removed may still write to its files.
    return ledgers_.swarms.claim(hash, static_cast<unsigned>(emptiest(hash)));
}

Result<TorrentId> ShardMap::add(const AddTorrent& torrent) {
    SPATE_ASSERT(!torrents_.empty());
    const metainfo::InfoHash& hash = hash_of(torrent);
    if (records_.size() >= Session::torrents_max)
        return fail(Error::invalid("add torrent", "", "too many torrents", std::errc::no_buffer_space));
    const auto shard = choose(hash);
    if (!shard)
        return fail(
            Error::invalid("add torrent", name_of(torrent), "it is there already", std::errc::file_exists));
    const TorrentId id(next_id_++);
    for (const auto& swarm : swarms_of(hash)) by_swarm_[swarm] = id;
    Record& record = records_[id];
    record.shard = *shard;
    record.status.name = name_of(torrent);
    ++torrents_[*shard];
    return id;
}

std::optional<std::size_t> ShardMap::remove(TorrentId id) {
    const auto record = records_.find(id);
    if (record == records_.end()) return std::nullopt;
    const std::size_t shard = record->second.shard;
    --torrents_[shard];
    records_.erase(record);
    std::erase_if(by_swarm_, [&](const auto& one) { return one.second == id; });
    return shard;
}

void ShardMap::learn(TorrentId id, const metainfo::InfoHash& hash) {
    for (const auto& swarm : swarms_of(hash)) by_swarm_.try_emplace(swarm, id);
}

ShardMap::Record* ShardMap::find(TorrentId id) {
    const auto record = records_.find(id);
    return record == records_.end() ? nullptr : &record->second;
}

}  // namespace spate::engine
