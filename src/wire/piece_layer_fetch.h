// PieceLayerFetch: the piece layers of a v2 torrent that came by magnet link, asked of peers 512 hashes at a
// time (BEP 52); nothing is kept that does not lead to its file's root. What one peer does not give for a
// while is asked of idle ones too, so that nobody holds it up, not even who goes and comes again. Pure.
// Memory: 32 bytes a piece that came, hash_requests_max requests at each peer. One owner, one thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/time.h"
#include "metainfo/metainfo.h"
#include "wire/close_reason.h"
#include "wire/hash_exchange.h"
#include "wire/metadata_assembly.h"

namespace spate::wire {

class PieceLayerFetch {
  public:
    // What `torrent` still lacks. It must be a v2 or hybrid one.
    explicit PieceLayerFetch(const metainfo::Metainfo& torrent);

    bool complete() const { return chunks_left_ == 0; }
    // What to ask of that peer, or nothing now.
    std::optional<HashRequest> next_request(SourceKey source, TimePoint now);
    // none: taken. Otherwise unasked_hashes or wrong_hashes: close.
    CloseReason on_hashes(SourceKey source, const Hashes& message);
    CloseReason on_reject(SourceKey source, const HashReject& message, TimePoint now);
    void remove_source(SourceKey source);
    void on_timeout(TimePoint now);
    TimePoint next_timeout() const;

    // Layers that are complete since the last call; metainfo::PieceLayers::add takes them.
    struct Layer {
        hash::Sha256 root{};
        std::uint64_t file_size = 0;
        std::vector<hash::Sha256> hashes;
    };
    std::vector<Layer> take_ready();

  private:
    enum class ChunkState : std::uint8_t { missing, asked, there };
    struct Chunk {
        ChunkState state = ChunkState::missing;
        std::optional<TimePoint> since{};  // it was first asked for
    };
    struct File {
        HashTree tree;
        std::uint64_t size = 0;
        std::vector<hash::Sha256> hashes;  // padded to whole chunks once the first came
        std::vector<Chunk> chunks;
        std::size_t chunks_left = 0;
    };
    struct Asked {
        SourceKey source;
        HashRequest request;
        std::size_t file = 0;
        TimePoint until{};
        bool late = false;  // its time is out; it may still be answered
    };
    HashRequest ask(SourceKey source, std::size_t file, std::size_t chunk, TimePoint now);
    std::optional<HashRequest> second_request(SourceKey source, TimePoint now);
    Chunk& chunk_of(const Asked& asked) {
        return files_[asked.file].chunks[asked.request.index / asked.request.length];
    }
    std::vector<Asked>::iterator find(SourceKey source, const HashRequest& request);
    void give_back(const Asked& asked);

    std::vector<File> files_;
    std::vector<Asked> asked_;
    std::map<SourceKey, TimePoint> rests_until_;  // peers that refused or said nothing
    std::vector<Layer> ready_;
    std::size_t chunks_left_ = 0;
    std::size_t first_open_ = 0;  // files before it have nothing missing
};

}  // namespace spate::wire
