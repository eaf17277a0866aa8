// Listing: GET /catalogue and GET /entry/NAME answered from the catalogue in memory: one page of the entries
// in an order that the catalogue keeps an index of, so that nothing is sorted for a request. A search looks
// at no more than `looked_at_max` entries and `text_max` bytes, then gives what it found and where to go on:
// a page may be short, even empty, and not the last.
//
// Seeds and leechers: of the BitTorrent swarms (v1 and v2) and of the classic peers the largest number, as
// one peer may be in all of them. What part of it leechers have, only classic peers say. Thread: the
// catalogue's.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.h"
#include "catalogue/catalogue.h"
#include "catalogue/limits.h"
#include "catalogue_protocol/list_query.h"
#include "catalogue_protocol/listed_entry.h"
#include "hash/digest.h"

namespace spate::catalogue {

// What the tracker's swarm store says of one swarm.
struct SwarmCount {
    std::uint64_t seeds = 0;
    std::uint64_t leechers = 0;  // partial seeds too
};

class SwarmCounts {
  public:
    virtual ~SwarmCounts() = default;
    // `swarm`: a v1 info-hash, or a v2 one cut to 20 octets.
    virtual SwarmCount count(const hash::Sha1& swarm) = 0;
};

inline constexpr std::size_t looked_at_max = 20'000;
inline constexpr std::size_t text_max = 2 << 20;

catalogue_protocol::ListedEntry listed(const Entry& entry, SwarmCounts& swarms, WallTime now,
                                       const Limits& limits);
catalogue_protocol::ListPage list_page(const Catalogue& catalogue, const catalogue_protocol::ListQuery& query,
                                       SwarmCounts& swarms, WallTime now, const Limits& limits);

}  // namespace spate::catalogue
