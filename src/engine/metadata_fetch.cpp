#include "engine/metadata_fetch.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "metainfo/torrent_reader.h"
#include "piece_store/pool_job.h"

namespace spate::engine {
namespace {
wire::SourceKey source_of(const Peer& peer) {
    return wire::SourceKey(peer.number);  // a key may be another peer's when a job is done
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
        case wire::MetadataAssembly::Outcome::whole:
            return check_info();
        case wire::MetadataAssembly::Outcome::unasked:
            return owner_.close_peer(peer, wire::CloseReason::unasked_metadata);
    }
}

void MetadataFetch::on_reject(Peer& peer, const wire::MetadataReject& message, TimePoint now) {
    if (metainfo_) return;
    info_.on_reject(source_of(peer), message, now);
    ask_all(now);
}

void MetadataFetch::check_info() {
    piece_store::run_job(
        world_.pool, std::weak_ptr(self_),
        [raw = info_.take(), wanted = wanted_] {
            Checked checked;
            checked.right = wire::matches(raw, wanted);
            if (checked.right) checked.info = metainfo::read_info(raw, metainfo::CaseRule::keep);
            return checked;
        },
        [](MetadataFetch* self, Checked checked) { self->on_checked(std::move(checked)); });
}

void MetadataFetch::on_checked(Checked checked) {
    info_.on_checked(checked.right);
    if (checked.right) return take_info(std::move(checked.info));
    const auto liars = info_.liars();
    peers_.each([&](Peer& peer) {
        if (std::ranges::find(liars, source_of(peer)) != liars.end())
            owner_.close_peer(peer, wire::CloseReason::wrong_data);
    });
    ask_all(world_.reactor.now());
}

void MetadataFetch::take_info(Result<metainfo::Info> info) {
    if (!info) {
        done_ = true;
        return owner_.on_metainfo_unusable(info.error());
    }
    metainfo_.emplace();
    metainfo_->info = std::move(*info);
    // Peers know us by the v2 name, too.
    if (!wanted_.v2 || metainfo_->has_all_piece_layers()) return finish();
    layers_.emplace(*metainfo_);
    layers_since_ = world_.reactor.now();
    ask_all(layers_since_);
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
