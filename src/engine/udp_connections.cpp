#include "engine/udp_connections.h"

#include <algorithm>
#include <utility>

namespace spate::engine {

namespace {
TimePoint came(const UdpConnection& connection) {
    return connection.id.at;
}
}  // namespace

void UdpConnections::drop_old(TimePoint now) {
    std::erase_if(kept_, [now](const UdpConnection& one) { return !one.id.good(now); });
}

std::optional<UdpConnection> UdpConnections::take(const Endpoint& tracker, TimePoint now) {
    drop_old(now);
    const auto found = std::ranges::find(kept_, tracker, &UdpConnection::tracker);
    if (found == kept_.end()) return std::nullopt;
    UdpConnection taken = std::move(*found);
    kept_.erase(found);
    return taken;
}

void UdpConnections::keep(UdpConnection connection, TimePoint now) {
    drop_old(now);
    if (!connection.id.good(now)) return;
    if (kept_.size() == kept_max) kept_.erase(std::ranges::min_element(kept_, {}, came));
    connection.socket->set_handler(*this);
    kept_.push_back(std::move(connection));
}

}  // namespace spate::engine
