// AddTorrent: what a Session is asked to share or fetch. A plain value; any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/endpoint.h"
#include "base/strong_index.h"
#include "metainfo/magnet.h"
#include "metainfo/metainfo.h"

namespace spate::engine {

// A torrent of one Session; never given twice.
using TorrentId = StrongIndex<struct TorrentTag>;

// What is believed about the files that are there already.
enum class OnDisk : std::uint8_t {
    resume,       // the resume state where it fits the files; what it says nothing of is hashed
    just_hashed,  // all is there and right: the metainfo was made from it a moment ago. Sizes are compared
    check,        // hash everything
};

// The pieces that a partial seed keeps, by where they begin, in percent of all pieces: "--part 20%..40%".
struct Part {
    std::uint32_t from_percent = 0;
    std::uint32_t to_percent = 100;  // not in it
    bool whole() const { return from_percent == 0 && to_percent == 100; }
    // Of so many pieces: parts that touch leave none out.
    metainfo::PieceRange of(std::uint32_t pieces) const {
        const auto edge = [&](std::uint64_t percent) {
            return metainfo::PieceIndex(static_cast<std::uint32_t>(pieces * percent / 100));
        };
        return {edge(from_percent), edge(to_percent)};
    }
};

// Bytes a second, 0: no limit.
struct RateLimits {
    std::uint64_t down = 0;
    std::uint64_t up = 0;
};

// Where classic peers know the content of a torrent of one file by a name.
struct ClassicEntry {
    HostPort tracker;
    std::string name;
};

// Whether each piece's first copy goes to one peer only, which passes it on (BEP 16), while we are the only
// seed.
enum class SuperSeed : std::uint8_t {
    off,
    automatic,  // not while a tracker counts other seeds
    on,
};

struct AddTorrent {
    std::variant<metainfo::Metainfo, metainfo::Magnet> what;
    std::string folder = {};  // the files (or the root folder) lie in it; made if missing
    // Which files are wanted; asked when the metainfo is known. Empty: all (a magnet's so= counts in any
    // case).
    std::function<bool(const metainfo::File&)> wants = {};
    OnDisk on_disk = OnDisk::resume;
    Part part = {};
    std::vector<std::string> trackers = {};    // a tier of their own, before those of the metainfo
    std::vector<HostPort> peers = {};          // asked first; a magnet's own are added to them
    std::optional<ClassicEntry> classic = {};  // it is served to classic peers, and fetched from them too
    RateLimits limits = {};
    RateLimits peer_limits = {};  // of each peer
    bool sequential = false;
    bool preallocate = false;
    bool overwrite = false;  // files that are there and are not this torrent's; else they are an error
    SuperSeed super_seed = SuperSeed::automatic;
    bool read_only = false;  // shares what is there; never writes to the folder
};

// What it is called while it is not looked at more closely: its name, or its info-hash.
std::string name_of(const AddTorrent& torrent);

// What it is known by, whatever is learned of it later.
inline const metainfo::InfoHash& hash_of(const AddTorrent& torrent) {
    if (const auto* known = std::get_if<metainfo::Metainfo>(&torrent.what)) return known->info.hash;
    return std::get<metainfo::Magnet>(torrent.what).hash;
}

}  // namespace spate::engine
