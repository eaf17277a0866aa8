#include "engine/classic_port.h"

#include <algorithm>
#include <utility>

#include "classic_peer/giving_way.h"
#include "engine/classic_share.h"

namespace spate::engine {

void ClassicPort::adopt(std::unique_ptr<io::Stream> stream, Bytes early) {
    const Address address = stream->remote().address.source();
    CountedSource source(sources_, address);
    if (shares_.empty()) return;
    const bool has_its_own = source.total() > per_source_max && has_some(address);
    if ((has_its_own || places_.full()) && !make_way(has_its_own ? std::optional(address) : std::nullopt))
        return;
    auto place = Place::in(places_);
    if (!place) return;
    auto connection = std::make_unique<classic_peer::ServeConnection>(
        world_, std::move(stream), early, idle_time, static_cast<classic_peer::ServeConnectionOwner&>(*this));
    classic_peer::ServeConnection* key = connection.get();
    connections_.emplace(key, Connection{std::move(place), std::move(source), std::move(connection)});
}

bool ClassicPort::has_some(const Address& source) const {
    return std::ranges::any_of(
        connections_, [&](const auto& one) { return one.first->remote().address.source() == source; });
}

// False: all of them are served, or other sessions have them.
bool ClassicPort::make_way(const std::optional<Address>& only) {
    classic_peer::ServeConnection* other = classic_peer::gives_way(connections_, only, world_.reactor.now());
    return other != nullptr && connections_.erase(other) > 0;
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
