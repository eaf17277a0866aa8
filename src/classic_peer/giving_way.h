// Giving way: which connection a port that is full, in all or for one source, closes for a newcomer. One with
// nothing under way, or whose peer does not read; of the source that has most of all, the one that moved
// nothing for longest. Pure.
#pragma once

#include <cstddef>
#include <map>
#include <optional>

#include "classic_peer/serve_connection.h"

namespace spate::classic_peer {

// connections: a map with ServeConnection* for keys. only: of this source. Null: all of them stay.
template <class Connections>
ServeConnection* gives_way(const Connections& connections, const std::optional<Address>& only,
                           TimePoint now) {
    std::map<Address, std::size_t> counts;
    for (const auto& [connection, owned] : connections) ++counts[connection->remote().address.source()];
    ServeConnection* found = nullptr;
    std::size_t found_count = 0;
    for (const auto& [connection, owned] : connections) {
        const Address source = connection->remote().address.source();
        if ((only && source != *only) || !connection->may_give_way(now)) continue;
        const std::size_t count = counts[source];
        if (found != nullptr && count < found_count) continue;
        if (found != nullptr && count == found_count && connection->moved() >= found->moved()) continue;
        found = connection;
        found_count = count;
    }
    return found;
}

}  // namespace spate::classic_peer
