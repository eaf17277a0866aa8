#include "sim/connection.h"

#include <algorithm>
#include <cerrno>

namespace spate::sim {

Connection::Connection(NetworkModel& network, End client, End server)
    : network_(network), id_(network.take_connection_id()) {
    socket(Side::client).end = client;
    socket(Side::server).end = server;
    directions_[0] = std::make_unique<Direction>(*this, Side::client, client.node, server.node);
    directions_[1] = std::make_unique<Direction>(*this, Side::server, server.node, client.node);
}

void Connection::Direction::on_space() {
    connection_.changed(sender_);
    connection_.forget_if_finished();
}

bool Connection::Direction::receiver_accepts() const {
    const auto& receiver = connection_.socket(other(sender_));
    return !receiver.closed && !receiver.gone && receiver.broken == 0;
}

void Connection::Direction::on_reset() {
    connection_.break_side(Side::client, ECONNRESET);
    connection_.break_side(Side::server, ECONNRESET);
}

void Connection::give(Side side, std::shared_ptr<Life> life, SocketObserver* observer) {
    socket(side).life = std::move(life);
    socket(side).observer = observer;
}

void Connection::hold_until(TimePoint time) {
    outgoing(Side::client).hold_until(time);
    outgoing(Side::server).hold_until(time);
}

bool Connection::can_read(Side side) const {
    const auto& flow = incoming(side);
    return !socket(side).closed && (flow.readable() > 0 || flow.at_end() || socket(side).broken != 0);
}

bool Connection::can_write(Side side) const {
    const auto& self = socket(side);
    return !self.closed && (self.broken != 0 || self.write_shut || outgoing(side).space() > 0);
}

// As much as a call does of what it could: often all, sometimes less.
std::size_t Connection::shortened(Side side, std::size_t size) {
    auto& simulation = network_.simulation();
    if (size < 2 || !simulation.chance(network_.node(socket(side).end.node).settings.short_io)) return size;
    simulation.mark("short read or write");
    return simulation.rng().chance(1, 4) ? 1 : 1 + simulation.rng().below(size);
}

Error Connection::error(Side side, const char* operation, int code) const {
    return Error::system(code, operation, socket(other(side)).end.endpoint.text());
}

Result<io::Transfer> Connection::read(Side side, MutableBytes into) {
    const auto& self = socket(side);
    auto& flow = incoming(side);
    if (self.closed) return fail(error(side, "read from", EBADF));
    if (flow.readable() > 0) {
        const auto count = shortened(side, std::min(into.size(), flow.readable()));
        flow.read(into.first(count));
        network_.simulation().record(self.life->name(), "read", {id_, count});
        return io::Transfer{.count = count};
    }
    if (self.broken != 0) return fail(error(side, "read from", self.broken));
    if (flow.at_end()) return io::Transfer{.at_end = true};
    return io::Transfer{.would_block = true};
}

Result<io::Transfer> Connection::write(Side side, std::span<const Bytes> parts) {
    const auto& self = socket(side);
    auto& flow = outgoing(side);
    if (self.closed) return fail(error(side, "write to", EBADF));
    if (self.broken != 0) return fail(error(side, "write to", self.broken));
    if (self.write_shut) return fail(error(side, "write to", EPIPE));
    parts = parts.first(std::min<std::size_t>(parts.size(), 64));
    std::size_t offered = 0;
    for (const auto part : parts) offered += part.size();
    if (offered == 0) return io::Transfer{};
    const auto count = shortened(side, std::min(offered, flow.space()));
    if (count == 0) {
        network_.simulation().mark("write would block");
        return io::Transfer{.would_block = true};
    }
    network_.simulation().record(self.life->name(), "write", {id_, count});
    std::vector<std::uint8_t> bytes;
    bytes.reserve(count);
    for (const auto part : parts) {
        const auto taken = part.first(std::min(part.size(), count - bytes.size()));
        bytes.insert(bytes.end(), taken.begin(), taken.end());
    }
    flow.write(bytes);
    return io::Transfer{.count = count};
}

void Connection::shutdown_write(Side side) {
    auto& self = socket(side);
    if (self.closed || self.broken != 0 || self.write_shut) return;
    self.write_shut = true;
    outgoing(side).finish();
    changed(side);
}

void Connection::close(Side side) {
    auto& self = socket(side);
    if (self.closed) return;
    if (incoming(side).readable() > 0 && self.broken == 0) return abort(side);
    self.closed = true;
    if (self.broken == 0 && !self.gone) outgoing(side).finish();
    forget_if_finished();
}

void Connection::abort(Side side) {
    auto& self = socket(side);
    if (self.closed) return;
    self.closed = true;
    if (self.broken == 0 && !self.gone) {
        outgoing(side).stop();
        send_reset(side);
        self.broken = ECONNABORTED;
    }
    forget_if_finished();
}

void Connection::close_all(const Life& life) {
    for (const auto side : {Side::client, Side::server}) {
        if (socket(side).life.get() == &life) close(side);
    }
}

void Connection::vanish(NodeId node) {
    for (const auto side : {Side::client, Side::server}) {
        auto& self = socket(side);
        if (self.end.node != node) continue;
        self.closed = true;
        self.gone = true;
        outgoing(side).stop();
    }
    forget_if_finished();
}

// A reset travels once; one that is lost leaves the other side half-open until it sends something.
void Connection::send_reset(Side from) {
    auto& event = resets_[static_cast<std::size_t>(other(from))];
    if (event.pending()) return;
    auto& simulation = network_.simulation();
    const auto source = socket(from).end.node;
    const auto target = socket(other(from)).end.node;
    event = simulation.schedule(network_.transit(source, target, 40), [this, from, source, target] {
        if (network_.cut(source, target)) return network_.simulation().mark("reset lost");
        break_side(other(from), ECONNRESET);
    });
}

void Connection::break_side(Side side, int code) {
    auto& self = socket(side);
    if (self.broken == 0 && !self.gone) {
        self.broken = code;
        outgoing(side).stop();
        network_.simulation().record(network_.node(self.end.node).name, "connection broken",
                                     {id_, static_cast<std::uint64_t>(code)});
    }
    changed(side);
    forget_if_finished();
}

void Connection::changed(Side side) {
    if (auto* const observer = socket(side).observer) observer->socket_changed();
}

bool Connection::finished(Side side) const {
    const auto& self = socket(side);
    return self.gone || (self.closed && (self.broken != 0 || outgoing(side).settled()));
}

void Connection::forget_if_finished() {
    if (forgotten_ || !finished(Side::client) || !finished(Side::server)) return;
    forgotten_ = true;
    auto& simulation = network_.simulation();
    // Not now: a flow of ours may be the caller. Resets on their way no longer matter to anybody.
    simulation.at(simulation.now(), [self = shared_from_this()] { self->network_.forget(*self); });
}

}  // namespace spate::sim
