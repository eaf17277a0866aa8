#include "classic_peer/chunk_server.h"

#include <utility>

#include "classic_peer/giving_way.h"

namespace spate::classic_peer {
namespace {
constexpr std::size_t sent_ranges_max = 65'536;
}

ChunkServer::ChunkServer(io::World& world, const ServingOptions& options, std::string key,
                         ChunkSource& source, std::uint64_t size, PeerEvents& events, Handlers handlers)
    : world_(world),
      options_(options),
      served_{std::move(key), Offer(size), source},
      events_(events),
      handlers_(std::move(handlers)) {}

Result<Endpoint> ChunkServer::listen() {
    auto listener = world_.network.listen(options_.listen, *this);
    if (!listener && listener.error().is(std::errc::address_in_use) && options_.listen.port != 0)
        listener = world_.network.listen({options_.listen.address, 0}, *this);
    if (!listener) return fail(listener.error());
    listener_ = std::move(*listener);
    events_.on_listening(listener_->local());
    return listener_->local();
}

void ChunkServer::announce(ByteRange range) {
    served_.offer.announce(range);
    for (const auto& [key, connection] : connections_) connection->offer_changed();
}

void ChunkServer::open_whole(bool open) {
    served_.offer.open_whole(open);
    if (!open) sent_.clear();
}

void ChunkServer::on_accept(std::unique_ptr<io::Stream> stream) {
    const Address source = stream->remote().address.source();
    if (broken_ || !make_room_for(source)) return;
    ++of_source_[source];
    auto connection = std::make_unique<ServeConnection>(
        world_, std::move(stream), Bytes{}, options_.idle_timeout, static_cast<ServeConnectionOwner&>(*this));
    ServeConnection* key = connection.get();
    connections_.emplace(key, std::move(connection));
}

// False: all of them are served.
bool ChunkServer::make_room_for(const Address& source) {
    const auto count = of_source_.find(source);
    const bool has_its_own = count != of_source_.end() && count->second >= options_.per_address_max;
    if (!has_its_own && connections_.size() < options_.connections_max) return true;
    ServeConnection* other =
        gives_way(connections_, has_its_own ? std::optional(source) : std::nullopt, world_.reactor.now());
    if (other == nullptr) return false;
    close(*other);
    return true;
}

void ChunkServer::on_accept_error(const Error& error) {
    events_.on_warning(error.message());
}

Served* ChunkServer::find_served(const std::optional<std::string>& name) {
    return !name || *name == served_.key ? &served_ : nullptr;
}

void ChunkServer::on_sent(ServeConnection& connection, const std::vector<ByteRange>& ranges) {
    std::uint64_t bytes = 0;
    for (const ByteRange& range : ranges) {
        if (sent_.count() < sent_ranges_max) sent_.add(range);
        bytes += range.size();
    }
    events_.on_served(connection.remote(), bytes);
    handlers_.on_sent();
}

void ChunkServer::on_file_broken(const Error& error) {
    served_.offer.withdraw();
    if (!std::exchange(broken_, true)) handlers_.on_file_broken(error);
}

void ChunkServer::close(ServeConnection& connection) {
    const auto count = of_source_.find(connection.remote().address.source());
    if (--count->second == 0) of_source_.erase(count);
    connections_.erase(&connection);
}

void ChunkServer::on_over(ServeConnection& connection) {
    close(connection);
    handlers_.on_sent();
}

}  // namespace spate::classic_peer
