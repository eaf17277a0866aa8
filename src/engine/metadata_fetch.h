// MetadataFetch: what a magnet link lacks, asked of the peers we have: the info dictionary (BEP 9), then the
// piece layers of a v2 torrent (BEP 52). A hybrid goes on without layers when no peer gave them within
// layers_patience: its v1 hashes suffice. Policy and caps: wire/metadata_assembly.h,
// wire/piece_layer_fetch.h. Owner: Torrent. Thread: the reactor's.
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "engine/peer_table.h"
#include "metainfo/metainfo.h"
#include "wire/metadata_assembly.h"
#include "wire/piece_layer_fetch.h"

namespace spate::engine {

class MetadataFetchOwner {
  public:
    virtual ~MetadataFetchOwner() = default;
    virtual void on_metainfo_there(metainfo::Metainfo metainfo) = 0;
    // The dictionary has the right hash and still is no torrent.
    virtual void on_metainfo_unusable(const Error& error) = 0;
    virtual void close_peer(Peer& peer, wire::CloseReason reason) = 0;
};

class MetadataFetch {
  public:
    static constexpr Duration layers_patience = std::chrono::seconds(20);

    MetadataFetch(const metainfo::InfoHash& wanted, PeerTable& peers, MetadataFetchOwner& owner)
        : peers_(peers), owner_(owner), info_(wanted), layers_wanted_(wanted.v2.has_value()) {}

    void on_extension_handshake(Peer& peer, const wire::ExtensionHandshake& message, TimePoint now);
    void on_data(Peer& peer, const wire::MetadataData& message, TimePoint now);
    void on_reject(Peer& peer, const wire::MetadataReject& message, TimePoint now);
    void on_hashes(Peer& peer, const wire::Hashes& message, TimePoint now);
    void on_hash_reject(Peer& peer, const wire::HashReject& message, TimePoint now);
    void peer_gone(Peer& peer);
    void on_tick(TimePoint now);

  private:
    void ask(Peer& peer, TimePoint now);
    void ask_all(TimePoint now);
    void take_info(TimePoint now);
    void take_layers();
    void finish();

    PeerTable& peers_;
    MetadataFetchOwner& owner_;
    wire::MetadataAssembly info_;
    bool layers_wanted_;                          // peers know us by the v2 name, too
    std::optional<metainfo::Metainfo> metainfo_;  // its info is there
    std::optional<wire::PieceLayerFetch> layers_;
    TimePoint layers_since_{};
    bool done_ = false;
};

}  // namespace spate::engine
