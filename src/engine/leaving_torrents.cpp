#include "engine/leaving_torrents.h"

#include <algorithm>
#include <utility>

namespace spate::engine {

SessionTorrent& LeavingTorrents::add(TorrentId id, std::unique_ptr<SessionTorrent> torrent) {
    return *(torrents_[id] = std::move(torrent));
}

bool LeavingTorrents::hold(const metainfo::InfoHash& hash) const {
    const auto same = [&](const metainfo::InfoHash& other) {
        return (hash.v1 && hash.v1 == other.v1) || (hash.v2 && hash.v2 == other.v2);
    };
    return std::ranges::any_of(
        torrents_, [&](const auto& one) { return one.second->holds_files() && same(one.second->hash()); });
}

void LeavingTorrents::start(SessionTorrent& newcomer) {
    if (hold(newcomer.hash()))
        waiting_.push_back(&newcomer);
    else
        newcomer.start();
}

void LeavingTorrents::on_at_rest() {
    for (SessionTorrent* const newcomer : std::exchange(waiting_, {})) start(*newcomer);
}

}  // namespace spate::engine
