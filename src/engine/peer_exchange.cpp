#include "engine/peer_exchange.h"

#include <vector>

namespace spate::engine {

void PeerExchange::on_tick(TimePoint now) {
    if (parts_.private_torrent || now < next_) return;
    next_ = now + interval;
    std::vector<wire::PexContact> contacts;
    parts_.peers.each([&](Peer& peer) {
        if (!peer.contact_known || peer.connection.closed()) return;
        const bool seed = parts_.content && parts_.content->downloads().picker().is_seed(peer.key);
        const bool reachable = peer.direction == Direction::outgoing;
        const int flags = (seed || peer.upload_only ? 0x02 : 0) | (reachable ? 0x10 : 0);
        contacts.push_back({peer.contact, static_cast<std::uint8_t>(flags)});
    });
    parts_.peers.each([&](Peer& peer) {
        if (!peer.connection.wire().peer_extensions().has(wire::Extension::pex)) return;
        std::vector<wire::PexContact> others;
        for (const wire::PexContact& contact : contacts)
            if (contact.endpoint != peer.contact) others.push_back(contact);
        if (const auto message = peer.pex_out.next(others, now)) peer.connection.send_extended(*message);
    });
}

}  // namespace spate::engine
