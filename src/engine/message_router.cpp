#include "engine/message_router.h"

#include <variant>

namespace spate::engine {

void MessageRouter::take(Peer& peer, std::span<const wire::Event> events) {
    now_ = parts_.share.now();
    for (const wire::Event& event : events) {
        std::visit([&](const auto& message) { on(peer, message); }, event);
        if (peer.connection.closed()) return;
    }
    if (!parts_.content) return answer_metadata(peer);
    parts_.content->downloads().fill(peer, now_);
    parts_.content->pump(peer);
    if (!peer.metadata_queue.empty()) answer_metadata(peer);
}

bool MessageRouter::may_talk(Peer& peer) {
    if (peer.talk.take(now_)) return true;
    owner_.close_peer(peer, wire::CloseReason::too_much_talk);
    return false;
}

void MessageRouter::on(Peer& peer, const wire::BlockBytes& message) {
    if (message.complete()) peer.talk.on_block();
    if (parts_.content) return parts_.content->downloads().on_block_bytes(peer, message, now_);
    owner_.close_peer(peer, wire::CloseReason::unasked_block);
}

// --- what the peer has

void MessageRouter::on(Peer& peer, const wire::Have& message) {
    if (!parts_.content) {
        if (!peer.early_have.take(message)) owner_.close_peer(peer, wire::CloseReason::bad_piece_index);
        return;
    }
    if (parts_.content->downloads().picker().has(peer.key, message.piece) && !may_talk(peer)) return;
    parts_.content->downloads().on_have(peer, message.piece);
    parts_.content->first_copies().on_have(peer, message.piece);
    on_has_changed(peer);
}

void MessageRouter::on(Peer& peer, const wire::BitfieldMessage& message) {
    if (!parts_.content) return peer.early_have.take(message);
    const auto has =
        metainfo::Bitfield::from_bytes(message.bytes, parts_.content->metainfo().info.layout.piece_count());
    if (!has) return owner_.close_peer(peer, wire::CloseReason::bad_bitfield);
    parts_.content->downloads().on_bitfield(peer, *has);
    parts_.content->first_copies().on_have_many(peer);
    on_has_changed(peer);
}

void MessageRouter::on(Peer& peer, const wire::HaveAll& message) {
    if (!parts_.content) return peer.early_have.take(message);
    parts_.content->downloads().on_have_all(peer);
    parts_.content->first_copies().on_have_many(peer);
    on_has_changed(peer);
}

void MessageRouter::on(Peer& peer, const wire::HaveNone& message) {
    if (!parts_.content) peer.early_have.take(message);
}

void MessageRouter::on(Peer& peer, const wire::DontHave& message) {
    if (!may_talk(peer)) return;
    if (!parts_.content) return peer.early_have.take_back(message.piece);
    parts_.content->downloads().on_dont_have(peer, message.piece);
}

void MessageRouter::on_has_changed(Peer& peer) {
    const swarm::PiecePicker& picker = parts_.content->downloads().picker();
    if (!picker.is_seed(peer.key) &&
        picker.count_of(peer.key) < parts_.content->metainfo().info.layout.piece_count())
        return;
    parts_.connections.list().set_seed(peer.contact, true);
    leave_if_useless(peer);
}

// One that has everything and one that wants nothing have nothing to say to each other.
void MessageRouter::leave_if_useless(Peer& peer) {
    if (parts_.content->seeding()) owner_.close_peer(peer, wire::CloseReason::not_wanted);
}

// --- what it wants of us

void MessageRouter::on(Peer& peer, const wire::Request& message) {
    peer.talk.on_block();
    if (parts_.content) return parts_.content->uploads().on_request(peer, message.block, now_);
    if (peer.connection.wire().fast()) peer.connection.send(wire::Reject{message.block});
}

void MessageRouter::on(Peer& peer, const wire::Cancel& message) {
    if (parts_.content) parts_.content->uploads().on_cancel(peer, message.block);
}

void MessageRouter::on(Peer& peer, const wire::Interested&) {
    if (!may_talk(peer)) return;
    if (parts_.content) return parts_.content->uploads().slots().on_interested(peer, now_);
    peer.up.interested = true;
}

void MessageRouter::on(Peer& peer, const wire::NotInterested&) {
    if (!may_talk(peer)) return;
    if (parts_.content) return parts_.content->uploads().slots().on_not_interested(peer);
    peer.up.interested = false;
}

// --- what it lets us have

void MessageRouter::on(Peer& peer, const wire::Reject& message) {
    if (parts_.content) parts_.content->downloads().on_reject(peer, message.block, now_);
}

void MessageRouter::on(Peer& peer, const wire::Choke&) {
    if (!may_talk(peer)) return;
    if (parts_.content) return parts_.content->downloads().on_choke(peer);
    peer.down.choked = true;
}

void MessageRouter::on(Peer& peer, const wire::Unchoke&) {
    if (!may_talk(peer)) return;
    if (parts_.content) return parts_.content->downloads().on_unchoke(peer);
    peer.down.choked = false;
}

void MessageRouter::on(Peer& peer, const wire::SuggestPiece& message) {
    if (!may_talk(peer)) return;
    if (parts_.content) parts_.content->downloads().picker().peer_suggests(peer.key, message.piece);
}

void MessageRouter::on(Peer& peer, const wire::AllowedFast& message) {
    if (!may_talk(peer)) return;
    if (parts_.content) return parts_.content->downloads().on_allowed_fast(peer, message.piece);
    peer.down.allowed_fast.push_back(message.piece);
}

void MessageRouter::on(Peer&, const wire::Port&) {}  // of a DHT, in which we take no part

// --- BEP 52

void MessageRouter::on(Peer& peer, const wire::HashRequest& message) {
    if (!parts_.content || peer.hash_requests >= hash_requests_max ||
        peer.connection.messages_waiting() >= answers_waiting_max)
        return peer.connection.send(wire::HashReject{message});
    ++peer.hash_requests;
    hash_answers_.answer(peer, message);
}

void MessageRouter::on(Peer& peer, const wire::Hashes& message) {
    if (peer.down.hashes_awaited == 0) return owner_.close_peer(peer, wire::CloseReason::unasked_hashes);
    --peer.down.hashes_awaited;
    if (parts_.metadata) return parts_.metadata->on_hashes(peer, message, now_);
    if (parts_.content) parts_.content->downloads().on_hashes(peer, message);
}

void MessageRouter::on(Peer& peer, const wire::HashReject& message) {
    if (peer.down.hashes_awaited > 0) --peer.down.hashes_awaited;
    if (parts_.metadata) return parts_.metadata->on_hash_reject(peer, message, now_);
    if (parts_.content) parts_.content->downloads().on_hash_reject(peer, message);
}

// --- extensions

void MessageRouter::on(Peer& peer, const wire::ExtensionHandshake& message) {
    if (message.request_queue) peer.down.window.set_peer_queue(*message.request_queue);
    if (message.upload_only) peer.upload_only = *message.upload_only;
    if (message.listen_port && peer.direction == Direction::incoming && !peer.contact_known) {
        peer.contact.port = *message.listen_port;
        peer.contact_known = true;
        parts_.connections.list().listens_at(peer.connection.remote(), *message.listen_port);
    }
    if (message.your_address)
        parts_.on_told_own_address(peer.connection.remote().address, *message.your_address);
    const bool v4 = peer.connection.remote().address.is_v4();
    if (const auto& other = v4 ? message.ipv6 : message.ipv4) peer.other_address = other;
    if (parts_.metadata) parts_.metadata->on_extension_handshake(peer, message, now_);
}

void MessageRouter::on(Peer& peer, const wire::MetadataRequest& message) {
    if (!peer.metadata_queue.push(message))
        peer.connection.send_extended(wire::MetadataReject{message.block});
}

void MessageRouter::answer_metadata(Peer& peer) {
    const Bytes info = parts_.content ? Bytes(parts_.content->metainfo().info.raw) : Bytes();
    while (peer.connection.messages_waiting() < answers_waiting_max) {
        const auto answer = peer.metadata_queue.next(info);
        if (!answer) return;
        std::visit([&](const auto& message) { peer.connection.send_extended(message); }, *answer);
    }
}

void MessageRouter::on(Peer& peer, const wire::MetadataData& message) {
    if (parts_.metadata) parts_.metadata->on_data(peer, message, now_);
}

void MessageRouter::on(Peer& peer, const wire::MetadataReject& message) {
    if (parts_.metadata) parts_.metadata->on_reject(peer, message, now_);
}

void MessageRouter::on(Peer& peer, const wire::Pex& message) {
    if (parts_.private_torrent) return;
    for (const wire::PexContact& contact : peer.pex_in.take(message, now_))
        parts_.connections.list().add(contact.endpoint, swarm::PeerSource::pex,
                                      peer.connection.remote().address, contact.seed());
}

void MessageRouter::on(Peer& peer, const wire::UploadOnly& message) {
    peer.upload_only = message.value;
}

}  // namespace spate::engine
