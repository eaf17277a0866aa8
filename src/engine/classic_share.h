// ClassicShare: a torrent of one file, served to classic peers: what is offered is what peers are told of,
// and its bytes come from the same windows, under the same rate limit, as those for BitTorrent peers. Owner:
// Content. Thread: the reactor's.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "classic_peer/chunk_source.h"
#include "classic_peer/serve_connection.h"
#include "engine/classic_port.h"
#include "metainfo/file_layout.h"
#include "piece_store/piece_store.h"
#include "swarm/rate_limiter.h"

namespace spate::engine {

class ClassicShare final : private classic_peer::ChunkSource {
  public:
    // Whether the classic protocol, which knows files only, can name the content.
    static bool suits(const metainfo::FileLayout& layout) { return layout.files().size() == 1; }

    // shown: what is there, of the part that is shared. name: the entry's at the tracker. Everything given
    // outlives it.
    ClassicShare(io::World& world, ClassicPort& port, std::string name, const metainfo::FileLayout& layout,
                 piece_store::PieceStore& store, const metainfo::Bitfield& shown, swarm::RateLimiter& up);
    ~ClassicShare() override;

    classic_peer::Served& served() { return served_; }
    const classic_peer::Served& served() const { return served_; }
    void on_there(metainfo::PieceIndex piece);
    // Pieces were lost: only those that are left are offered.
    void offer_again();
    void count_sent(std::uint64_t bytes) { sent_ += bytes; }
    std::uint64_t sent() const { return sent_; }

  private:
    using Done = std::move_only_function<void(Result<void>)>;
    struct Part {  // of one block
        metainfo::PieceIndex piece;
        std::uint32_t offset = 0;
        std::uint32_t length = 0;
    };

    bool copy(ByteRange range, std::string& out) override;
    void load(ByteRange range, Done done) override;
    std::vector<Part> parts(ByteRange range) const;
    void on_rate();

    io::World& world_;
    ClassicPort& port_;
    const metainfo::FileLayout& layout_;
    piece_store::PieceStore& store_;
    const metainfo::Bitfield& shown_;
    swarm::RateLimiter& up_;
    classic_peer::Served served_;
    std::uint64_t sent_ = 0;
    std::vector<Done> waiting_;  // for the rate limit; one a connection at most
    std::unique_ptr<io::Timer> rate_timer_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace spate::engine
