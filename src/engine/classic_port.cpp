#include "engine/classic_port.h"

#include <algorithm>
#include <utility>

#include "engine/classic_share.h"

namespace spate::engine {

void ClassicPort::adopt(std::unique_ptr<io::Stream> stream, Bytes early) {
    const Address address = stream->remote().address;
    const auto same = static_cast<std::size_t>(std::ranges::count_if(
        connections_, [&](const auto& one) { return one.first->remote().address == address; }));
    if (shares_.empty() || connections_.size() >= connections_max || same >= per_address_max) return;
    auto connection = std::make_unique<classic_peer::ServeConnection>(
        world_, std::move(stream), early, idle_time, static_cast<classic_peer::ServeConnectionOwner&>(*this));
    classic_peer::ServeConnection* key = connection.get();
    connections_.emplace(key, std::move(connection));
}

bool ClassicPort::add(ClassicShare& share) {
    return shares_.emplace(share.served().key, &share).second;
}

void ClassicPort::remove(ClassicShare& share) {
    const auto it = shares_.find(share.served().key);
    if (it == shares_.end() || it->second != &share) return;
    shares_.erase(it);
    std::erase_if(connections_, [&](const auto& one) { return one.first->served() == &share.served(); });
}

void ClassicPort::offer_changed(const ClassicShare& share) {
    for (const auto& [key, connection] : connections_)
        if (key->served() == &share.served()) connection->offer_changed();
}

classic_peer::Served* ClassicPort::find_served(const std::optional<std::string>& name) {
    if (!name) return shares_.size() == 1 ? &shares_.begin()->second->served() : nullptr;
    const auto it = shares_.find(*name);
    return it == shares_.end() ? nullptr : &it->second->served();
}

ClassicShare* ClassicPort::share_of(const classic_peer::ServeConnection& connection) const {
    if (connection.served() == nullptr) return nullptr;
    return shares_.at(connection.served()->key);
}

void ClassicPort::on_sent(classic_peer::ServeConnection& connection, const std::vector<ByteRange>& ranges) {
    std::uint64_t bytes = 0;
    for (const ByteRange& range : ranges) bytes += range.size();
    if (ClassicShare* share = share_of(connection)) share->count_sent(bytes);
}

void ClassicPort::on_over(classic_peer::ServeConnection& connection) {
    connections_.erase(&connection);
}

}  // namespace spate::engine
