// ProbePlan: which pieces of a published torrent its sharer is asked for, and what they must hash to. Small,
// so that many may wait: the metainfo itself is not kept. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/rng.h"
#include "hash/digest.h"
#include "metainfo/metainfo.h"

namespace spate::tracker {

inline constexpr std::size_t probed_pieces_max = 4;
inline constexpr std::uint64_t probed_bytes_max = std::uint64_t{16} << 20;

struct ProbedPiece {
    metainfo::PieceIndex index;
    std::uint32_t size = 0;
    std::optional<hash::Sha1> v1;
    hash::Sha256 v2{};         // without v1
    unsigned tree_height = 0;  // of v2's root over the leaves

    // Whether these are its bytes. Takes about a millisecond a megabyte: a pool job.
    bool is(Bytes bytes) const;
};

struct ProbePlan {
    hash::Sha1 swarm{};
    std::uint32_t piece_count = 0;
    std::vector<ProbedPiece> pieces;  // none twice, at random, probed_bytes_max in all
};

// Nothing: one piece alone is too much, or there is nothing to ask for.
std::optional<ProbePlan> plan_probe(const metainfo::Metainfo& torrent, Rng& rng);

}  // namespace spate::tracker
