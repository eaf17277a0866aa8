// InfoHash: what names a torrent. v1: SHA-1 of the raw info dictionary; v2: SHA-256 of it; a hybrid has both
// (BEP 3, 52). At least one of them is set, except in a default-made value.
#pragma once

#include <algorithm>
#include <compare>
#include <optional>

#include "base/bytes.h"
#include "hash/digest.h"

namespace spate::metainfo {

// The SHA-256 cut to 20 bytes: the v2 swarm's name in handshakes, announces and the DHT.
inline hash::Sha1 truncated(const hash::Sha256& v2) {
    hash::Sha1 short_form;
    std::copy_n(v2.begin(), short_form.size(), short_form.begin());
    return short_form;
}

struct InfoHash {
    std::optional<hash::Sha1> v1;
    std::optional<hash::Sha256> v2;

    bool is_hybrid() const { return v1 && v2; }
    // Whether a 20-byte swarm name from the wire means this torrent.
    bool matches(const hash::Sha1& swarm) const { return v1 == swarm || (v2 && truncated(*v2) == swarm); }
    auto operator<=>(const InfoHash&) const = default;
};

}  // namespace spate::metainfo
