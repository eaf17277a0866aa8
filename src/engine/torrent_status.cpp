#include "engine/torrent_status.h"

namespace spate::engine {

const char* name_of(TorrentState state) {
    switch (state) {
        case TorrentState::metadata:
            return "metadata";
        case TorrentState::opening:
            return "opening";
        case TorrentState::checking:
            return "checking";
        case TorrentState::downloading:
            return "downloading";
        case TorrentState::seeding:
            return "seeding";
        case TorrentState::waiting:
            return "waiting";
        case TorrentState::failed:
            return "failed";
        case TorrentState::stopped:
            return "stopped";
    }
    return "?";
}

}  // namespace spate::engine
