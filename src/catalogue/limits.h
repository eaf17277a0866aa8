// The catalogue's caps. Memory, measured: 0.5 KiB an entry with its first peer (2 KiB with the longest
// texts), 75 to 150 bytes each further peer. With the defaults at most 200 MB of entries, 150 MB of peers,
// the cached replies' bytes and the LIST reply (55 bytes and the name an entry). A published entry takes 0.3
// KiB more; its metainfo is on the disk, `cached_metainfo_bytes` of them in memory too.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace spate::catalogue {

struct Limits {
    std::size_t entries = 100'000;
    std::size_t entries_per_source = 1'000;  // source: an IPv4 address, or the /64 of an IPv6 one
    std::size_t peers_per_entry = 1'000;     // living ones
    std::size_t peers = 1'000'000;           // over all entries
    std::size_t description_bytes = 1'024;
    std::size_t queued_changes = 10'000;        // waiting for the disk; beyond it a request fails at once
    std::size_t changes_per_batch = 1'000;      // in one transaction; a sweep: dead peers
    std::size_t cached_reply_bytes = 64 << 20;  // tracker files kept ready to send
    std::chrono::seconds peer_timeout{900};     // a peer not heard of for longer is dead

    std::uint64_t metainfo_bytes_per_entry = 8 << 20;
    std::uint64_t metainfo_bytes_per_source = 256 << 20;  // of the entries a source made
    std::uint64_t metainfo_bytes = std::uint64_t{2} << 30;
    std::size_t cached_metainfo_bytes = 64 << 20;
    std::size_t removed_names = 10'000;  // whose last sequence is remembered, so that old requests do nothing
};

}  // namespace spate::catalogue
