#include "engine/inbound.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/assert.h"

namespace spate::engine {

namespace {

Error none_free(const Address& bind, std::uint16_t first, std::uint16_t last) {
    if (first == last) return Error::system(EADDRINUSE, "listen on", Endpoint{bind, first}.text());
    return Error::invalid(
        "listen on", bind.text(),
        "ports " + std::to_string(first) + " to " + std::to_string(last) + " are all taken by other programs",
        std::errc::address_in_use);
}

}  // namespace

Result<std::uint16_t> Inbound::listen(const Address& bind, std::uint16_t first, std::uint16_t last) {
    SPATE_ASSERT(first <= last);
    for (std::uint32_t port = first;; ++port) {
        auto listener = world_.network.listen({bind, static_cast<std::uint16_t>(port)}, *this);
        if (listener) {
            listener_ = std::move(*listener);
            return listener_->local().port;
        }
        if (!listener.error().is(std::errc::address_in_use)) return fail(std::move(listener.error()));
        if (port == last) return fail(none_free(bind, first, last));
    }
}

void Inbound::close() {
    listener_.reset();
    arrivals_.clear();
}

void Inbound::on_accept(std::unique_ptr<io::Stream> stream) {
    const Address address = stream->remote().address.source();
    CountedSource source(sources_, address);
    const auto same = std::ranges::find_if(
        arrivals_, [&](const Arrival& one) { return one.exchange->remote().address.source() == address; });
    if (source.total() > per_address_max && same != arrivals_.end())
        arrivals_.erase(same);
    else if (places_.full() && !arrivals_.empty())
        arrivals_.pop_front();
    auto place = Place::in(places_);
    if (!place) return;
    arrivals_.push_back({std::move(place), std::move(source),
                         std::make_unique<HandshakeExchange>(std::move(stream), std::nullopt,
                                                             static_cast<HandshakeOwner&>(*this)),
                         world_.reactor.now()});
}

void Inbound::on_tick(TimePoint now) {
    while (!arrivals_.empty() && now - arrivals_.front().since >= handshake_time) arrivals_.pop_front();
}

std::optional<wire::Handshake> Inbound::on_swarm(const HandshakeExchange& exchange, const hash::Sha1& swarm,
                                                 const wire::Reserved& reserved) {
    return owner_.on_arrival(exchange.remote(), swarm, reserved);
}

std::unique_ptr<HandshakeExchange> Inbound::take(HandshakeExchange& exchange) {
    const auto it =
        std::ranges::find_if(arrivals_, [&](const Arrival& one) { return one.exchange.get() == &exchange; });
    SPATE_ASSERT(it != arrivals_.end());
    auto taken = std::move(it->exchange);
    arrivals_.erase(it);
    return taken;
}

void Inbound::on_other_protocol(HandshakeExchange& exchange, Bytes begin) {
    // An encrypted handshake is no text. Who tries one first comes again without it, once this is closed.
    const bool is_text = std::ranges::all_of(begin, [](std::uint8_t octet) {
        return octet >= 0x20 || octet == '\n' || octet == '\r' || octet == '\t';
    });
    auto stream = take(exchange)->take_stream();
    if (is_text) owner_.on_classic(std::move(stream), begin);
}

void Inbound::on_handshake(HandshakeExchange& exchange, const wire::Handshake& theirs) {
    owner_.on_peer(take(exchange)->take_stream(), theirs);
}

void Inbound::on_failed(HandshakeExchange& exchange, wire::CloseReason) {
    take(exchange);
}

}  // namespace spate::engine
