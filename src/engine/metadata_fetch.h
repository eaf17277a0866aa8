// MetadataFetch: what a magnet link lacks, asked of the peers we have: the info dictionary (BEP 9), then the
// piece layers of a v2 torrent (BEP 52). A hybrid goes on without layers when no peer gave them within
// layers_patience: its v1 hashes suffice. What came is hashed and read by a pool job: it may be 30 MB. Policy
// and caps: wire/metadata_assembly.h, wire/piece_layer_fetch.h. Owner: Torrent. Thread: the reactor's.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "engine/peer_table.h"
#include "io/world.h"
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

    MetadataFetch(io::World& world, const metainfo::InfoHash& wanted, PeerTable& peers,
                  MetadataFetchOwner& owner)
        : world_(world), peers_(peers), owner_(owner), wanted_(wanted), info_(wanted) {}
    MetadataFetch(const MetadataFetch&) = delete;
    MetadataFetch& operator=(const MetadataFetch&) = delete;

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
    struct Checked {
        bool right = false;
        Result<metainfo::Info> info{metainfo::Info{}};
    };
    void check_info();
    void on_checked(Checked checked);
    void take_info(Result<metainfo::Info> info);
    void take_layers();
    void finish();

    io::World& world_;
    PeerTable& peers_;
    MetadataFetchOwner& owner_;
    const metainfo::InfoHash wanted_;
    wire::MetadataAssembly info_;
    std::optional<metainfo::Metainfo> metainfo_;  // its info is there
    std::optional<wire::PieceLayerFetch> layers_;
    TimePoint layers_since_{};
    bool done_ = false;
    const std::shared_ptr<MetadataFetch*> self_ = std::make_shared<MetadataFetch*>(this);
};

}  // namespace spate::engine
