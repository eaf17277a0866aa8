#include "catalogue/peer_rules.h"

#include <algorithm>

#include "base/range_set.h"
#include "classic/tracker_file.h"

namespace spate::catalogue {

bool is_older_than(WallTime time, WallTime now, std::chrono::seconds age) {
    // Unsigned, as the difference of two times of opposite sign may not fit.
    const auto passed =
        static_cast<std::uint64_t>(now.unix_seconds) - static_cast<std::uint64_t>(time.unix_seconds);
    return time < now && passed > static_cast<std::uint64_t>(age.count());
}

bool is_dead(const Peer& peer, WallTime now, std::chrono::seconds timeout) {
    return is_older_than(peer.updated, now, timeout);
}

std::size_t remove_dead_peers(Entry& entry, WallTime now, std::chrono::seconds timeout) {
    return std::erase_if(entry.peers, [&](const Peer& peer) { return is_dead(peer, now, timeout); });
}

std::optional<WallTime> next_death(const Entry& entry, WallTime now, std::chrono::seconds timeout) {
    std::optional<WallTime> next;
    for (const auto& peer : entry.peers) {
        if (is_dead(peer, now, timeout)) continue;
        const auto longest = INT64_MAX - timeout.count() - 1;  // later ones never die
        const WallTime dead_at{std::min(peer.updated.unix_seconds, longest) + timeout.count() + 1};
        next = next ? std::min(*next, dead_at) : dead_at;
    }
    return next;
}

Peer* find_peer(Entry& entry, std::string_view host, std::uint16_t port) {
    const auto found = std::ranges::find_if(
        entry.peers, [&](const Peer& peer) { return peer.port == port && peer.host == host; });
    return found == entry.peers.end() ? nullptr : &*found;
}

void announce_again(Peer& peer, std::uint64_t start, std::uint64_t end, WallTime now) {
    // Sizes stay below 2^63, so + 1 cannot wrap.
    const bool touches = start <= peer.end + 1 && peer.start <= end + 1;
    const bool merges = touches && !peer.provisional;
    peer.start = merges ? std::min(peer.start, start) : start;
    peer.end = merges ? std::max(peer.end, end) : end;
    peer.updated = now;
    peer.provisional = false;
}

bool is_covered(const Entry& entry, WallTime now, std::chrono::seconds timeout) {
    RangeSet held;
    for (const auto& peer : entry.peers) {
        if (peer.provisional || is_dead(peer, now, timeout)) continue;
        // With the last byte: whoever writes it itself would else seem to leave holes.
        held.add(
            classic::held_perhaps({peer.host, peer.port, peer.start, peer.end, peer.updated}, entry.size));
    }
    return !entry.peers.empty() && held.contains({0, entry.size});
}

}  // namespace spate::catalogue
