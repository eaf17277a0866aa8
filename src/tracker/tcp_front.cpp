#include "tracker/tcp_front.h"

#include <utility>

#include "tracker/arriving_connection.h"

namespace spate::tracker {

TcpFront::TcpFront(io::World world, const ConnectionLimits& limits, Events& events, Maker maker)
    : world_(world),
      limits_(limits),
      events_(events),
      maker_(std::move(maker)),
      admission_(limits.connections_max, limits.connections_per_source_max),
      replies_(limits.reply_bytes_max),
      timer_(world.reactor.make_timer([this] { on_timer(); })) {}

TcpFront::~TcpFront() = default;

Result<Endpoint> TcpFront::listen(const Endpoint& endpoint) {
    auto listener = world_.network.listen(endpoint, *this);
    if (!listener) return fail(std::move(listener.error()));
    listeners_.push_back(std::move(*listener));
    return listeners_.back()->local();
}

void TcpFront::unlisten() {
    listeners_.pop_back();
}

void TcpFront::on_accept(std::unique_ptr<io::Stream> stream) {
    const auto remote = stream->remote();
    const auto source = remote.address.source();
    const auto id = next_id_++;
    if (admission_.is_full()) make_room_for(source);
    if (!admission_.admit(id, source)) {
        events_.on_turned_away(remote, "too many connections");
        return;
    }
    auto connection = std::make_unique<ArrivingConnection>(*this, id, std::move(stream));
    auto& arrived = *connections_.emplace(id, std::move(connection)).first->second;
    arrived.start({}, now());
}

// The oldest of whoever has most, but none whose answer is being made.
void TcpFront::make_room_for(const Address& source) {
    constexpr int looked_at_max = 64;
    const auto* others = admission_.to_make_way_for(source);
    if (others == nullptr) return;
    int looked_at = 0;
    for (const auto id : *others) {
        auto* connection = find(id);
        if (connection->may_be_dropped())
            return connection->drop("its address had most connections, and all places were taken");
        if (++looked_at == looked_at_max) return;
    }
}

void TcpFront::on_accept_error(const Error& error) {
    events_.on_trouble(error);
}

void TcpFront::hand_over(ConnectionId id, Language language, std::unique_ptr<io::Stream> stream, Bytes early,
                         TimePoint arrived) {
    auto& connection = connections_.at(id);
    connection = maker_(*this, id, language, std::move(stream));
    connection->start(early, arrived);
}

void TcpFront::set_deadline(ConnectionId id, TimePoint due) {
    const auto before = deadlines_.next();
    deadlines_.set(id, due);
    if (deadlines_.next() < before || !timer_->armed()) timer_->arm(deadlines_.next());
}

void TcpFront::on_timer() {
    for (const auto id : deadlines_.take_due(now()))
        if (auto* connection = find(id)) connection->on_deadline();
    timer_->arm(deadlines_.next());
}

FrontConnection* TcpFront::find(ConnectionId id) {
    const auto connection = connections_.find(id);
    return connection == connections_.end() ? nullptr : connection->second.get();
}

void TcpFront::reply_waits(ConnectionId id, std::size_t bytes) {
    for (const auto slow : replies_.add(id, bytes))
        connections_.at(slow)->drop("it read its reply too slowly, and others needed the memory");
}

void TcpFront::turned_away(const Endpoint& from, std::string_view why) {
    events_.on_turned_away(from, why);
}

void TcpFront::finished(ConnectionId id) {
    const auto connection = connections_.find(id);
    const auto address = connection->second->remote().address.source();
    deadlines_.remove(id);
    replies_.remove(id);
    connections_.erase(connection);
    admission_.release(id, address);
}

}  // namespace spate::tracker
