// Magnet links (BEP 9, 53): magnet:?xt=urn:btih:...&xt=urn:btmh:1220...&dn=&tr=&ws=&x.pe=&so=. Both ways.
// Limits: limits.h; more trackers, web seeds or peers than that are left out, a longer link is refused. so=
// stays ranges. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/endpoint.h"
#include "base/result.h"
#include "metainfo/info_hash.h"
#include "metainfo/metainfo.h"

namespace spate::metainfo {

struct IndexRange {  // of files, both ends in it
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    bool operator==(const IndexRange&) const = default;
};

struct Magnet {
    InfoHash hash;              // at least one
    std::string name;           // clean (clean_path.h); empty when the link has none
    std::string original_name;  // through printable() before it is shown
    std::vector<std::string> trackers;
    std::vector<std::string> web_seeds;
    std::vector<HostPort> peers;
    std::vector<IndexRange> select_only;  // ascending, apart; none: all files

    // Whether so= asks for that file.
    bool selects(FileIndex file) const;
};

// Errors: object is the parameter ("xt", "so"), or "magnet link".
Result<Magnet> parse_magnet(std::string_view link);
// hash: at least one. Parsing it gives the same Magnet.
std::string write_magnet(const Magnet& magnet);
// What to give others of a torrent; nothing but hash and name for a private one.
Magnet magnet_of(const Metainfo& torrent);

}  // namespace spate::metainfo
