#include "engine/metadata_fetch.h"

#include <utility>

#include "base/assert.h"
#include "metainfo/torrent_reader.h"

namespace spate::engine {
namespace {
wire::SourceKey source_of(const Peer& peer) {
    return wire::SourceKey(peer.key.value);
}
}  // namespace

void MetadataFetch::on_extension_handshake(Peer& peer, const wire::ExtensionHandshake& message,
                                           TimePoint now) {
    if (message.metadata_size && peer.connection.wire().peer_extensions().has(wire::Extension::metadata))
        info_.add_source(source_of(peer), *message.metadata_size);
    ask(peer, now);
}

void MetadataFetch::ask(Peer& peer, TimePoint now) {
    if (done_) return;
    if (!metainfo_) {
        while (const auto request = info_.next_request(source_of(peer), now))
            peer.connection.send_extended(*request);
    } else if (layers_ && peer.speaks_v2) {
        while (const auto request = layers_->next_request(source_of(peer), now)) {
            ++peer.down.hashes_awaited;
            peer.connection.send(*request);
        }
    }
}

void MetadataFetch::ask_all(TimePoint now) {
    peers_.each([&](Peer& peer) { ask(peer, now); });
}

void MetadataFetch::on_data(Peer& peer, const wire::MetadataData& message, TimePoint now) {
    if (metainfo_) return;  // what was asked of several may come late
    switch (info_.on_data(source_of(peer), message, now)) {
        case wire::MetadataAssembly::Outcome::taken:
            return ask(peer, now);
        case wire::MetadataAssembly::Outcome::complete:
            return take_info(now);
        case wire::MetadataAssembly::Outcome::unasked:
            return owner_.close_peer(peer, wire::CloseReason::unasked_metadata);
        case wire::MetadataAssembly::Outcome::wrong:
            break;
    }
    for (const wire::SourceKey liar : info_.liars())
        if (Peer* one = peers_.find(swarm::PeerKey(liar.value)))
            owner_.close_peer(*one, wire::CloseReason::wrong_data);
    ask_all(now);
}

void MetadataFetch::on_reject(Peer& peer, const wire::MetadataReject& message, TimePoint now) {
    if (metainfo_) return;
    info_.on_reject(source_of(peer), message, now);
    ask_all(now);
}

void MetadataFetch::take_info(TimePoint now) {
    const std::vector<std::uint8_t> raw = info_.take();
    auto info = metainfo::read_info(raw, metainfo::CaseRule::keep);
    if (!info) {
        done_ = true;
        return owner_.on_metainfo_unusable(info.error());
    }
    metainfo_.emplace();
    metainfo_->info = std::move(*info);
    if (!layers_wanted_ || metainfo_->has_all_piece_layers()) return finish();
    layers_.emplace(*metainfo_);
    layers_since_ = now;
    ask_all(now);
}

void MetadataFetch::on_hashes(Peer& peer, const wire::Hashes& message, TimePoint now) {
    if (!layers_ || done_) return;
    const wire::CloseReason reason = layers_->on_hashes(source_of(peer), message);
    if (reason != wire::CloseReason::none) return owner_.close_peer(peer, reason);
    take_layers();
    if (!done_) ask(peer, now);
}

void MetadataFetch::on_hash_reject(Peer& peer, const wire::HashReject& message, TimePoint now) {
    if (!layers_ || done_) return;
    const wire::CloseReason reason = layers_->on_reject(source_of(peer), message, now);
    if (reason != wire::CloseReason::none) return owner_.close_peer(peer, reason);
    ask_all(now);
}

void MetadataFetch::take_layers() {
    for (const auto& layer : layers_->take_ready()) {
        const auto added = metainfo_->piece_layers.add(
            layer.root, layer.file_size, metainfo_->info.layout.piece_length(), wire::octets(layer.hashes));
        SPATE_ASSERT(added);
    }
    if (layers_->complete()) finish();
}

void MetadataFetch::finish() {
    done_ = true;
    owner_.on_metainfo_there(std::move(*metainfo_));
}

void MetadataFetch::peer_gone(Peer& peer) {
    info_.remove_source(source_of(peer));
    if (layers_) layers_->remove_source(source_of(peer));
}

void MetadataFetch::on_tick(TimePoint now) {
    if (done_) return;
    if (layers_ && metainfo_->info.has_v1() && now - layers_since_ >= layers_patience) return finish();
    if (!metainfo_) info_.on_timeout(now);
    if (layers_) layers_->on_timeout(now);
    ask_all(now);
}

}  // namespace spate::engine
