// The catalogue's caps. Memory: an entry without peers costs about 0.6 KiB, a peer about 0.1 KiB; with the
// defaults the worst case is 60 MB of entries, 100 MB of peers and the cached replies' bytes.
#pragma once

#include <chrono>
#include <cstddef>

namespace spate::catalogue {

struct Limits {
    std::size_t entries = 100'000;
    std::size_t entries_per_source = 1'000;  // source: an IPv4 address, or the /64 of an IPv6 one
    std::size_t peers_per_entry = 1'000;     // living ones
    std::size_t peers = 1'000'000;           // over all entries
    std::size_t description_bytes = 1'024;
    std::size_t queued_changes = 10'000;        // waiting for the disk; beyond it a request fails at once
    std::size_t changes_per_batch = 1'000;      // in one transaction
    std::size_t cached_reply_bytes = 64 << 20;  // tracker files kept ready to send
    std::chrono::seconds peer_timeout{900};     // a peer not heard of for longer is dead
};

}  // namespace spate::catalogue
