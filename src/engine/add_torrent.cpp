#include "engine/add_torrent.h"

#include "piece_store/resume_database.h"

namespace spate::engine {

std::string name_of(const AddTorrent& torrent) {
    if (const auto* known = std::get_if<metainfo::Metainfo>(&torrent.what)) return known->info.name;
    const auto& magnet = std::get<metainfo::Magnet>(torrent.what);
    return magnet.name.empty() ? piece_store::resume_key(magnet.hash) : magnet.name;
}

}  // namespace spate::engine
