#include "engine/classic_port.h"

#include <algorithm>
#include <utility>

#include "engine/classic_share.h"

namespace spate::engine {

void ClassicPort::adopt(std::unique_ptr<io::Stream> stream, Bytes early) {
    const auto same = count_of(stream->remote().address.source());
    if (shares_.empty() || same >= per_source_max) return;
    if (places_.full() && !make_way(same)) return;
    auto place = Place::in(places_);
    if (!place) return;
    auto connection = std::make_unique<classic_peer::ServeConnection>(
        world_, std::move(stream), early, idle_time, static_cast<classic_peer::ServeConnectionOwner&>(*this));
    classic_peer::ServeConnection* key = connection.get();
    connections_.emplace(key, Connection{std::move(place), std::move(connection)});
}

std::size_t ClassicPort::count_of(const Address& source) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        connections_, [&](const auto& one) { return one.first->remote().address.source() == source; }));
}

bool ClassicPort::make_way(std::size_t newcomer_has) {
    if (connections_.empty()) return false;  // others have all of them
    std::map<Address, std::size_t> counts;
    for (const auto& [connection, owned] : connections_) ++counts[connection->remote().address.source()];
    const auto most = std::ranges::max_element(counts, {}, [](const auto& one) { return one.second; });
    if (most->second <= newcomer_has + 1) return false;
    const auto* quietest = static_cast<classic_peer::ServeConnection*>(nullptr);
    for (const auto& [connection, owned] : connections_) {
        if (connection->remote().address.source() != most->first) continue;
        if (quietest == nullptr || connection->moved() < quietest->moved()) quietest = connection;
    }
    std::erase_if(connections_, [&](const auto& one) { return one.first == quietest; });
    return true;
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
        if (key->served() == &share.served()) key->offer_changed();
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
