// PieceReader: the way out of one store: windows of pieces, loaded by pool jobs, one load for all who wait
// for it. A window is given for fresh_for after its files were seen unchanged; then they are looked at again.
// Limits: loads_max loads under way; what waits is what the owner asked for. Owner: PieceStore. Thread: the
// reactor's.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "io/world.h"
#include "piece_store/block_view.h"
#include "piece_store/file_set.h"
#include "piece_store/resources.h"
#include "piece_store/window_cache.h"

namespace spate::piece_store {

class ReaderOwner {
  public:
    virtual ~ReaderOwner() = default;
    virtual void on_read_failed(metainfo::PieceIndex piece, const ReadError& error) = 0;
};

class PieceReader final : public std::enable_shared_from_this<PieceReader> {
  public:
    static constexpr Duration fresh_for = std::chrono::seconds(2);
    static constexpr std::size_t loads_max = 16;
    using Done = std::move_only_function<void(Result<BlockView>)>;

    PieceReader(io::World& world, Resources& resources, std::shared_ptr<FileSet> files, ReaderOwner& owner);
    PieceReader(const PieceReader&) = delete;
    PieceReader& operator=(const PieceReader&) = delete;
    void detach();

    std::optional<BlockView> cached(metainfo::PieceIndex piece, std::uint32_t offset, std::uint32_t length);
    void read(metainfo::PieceIndex piece, std::uint32_t offset, std::uint32_t length, Done done);
    void drop(metainfo::PieceIndex piece);

  private:
    struct Range {  // of a piece
        metainfo::PieceIndex piece;
        std::uint32_t offset = 0;
        std::uint32_t length = 0;
        auto operator<=>(const Range&) const = default;
    };
    struct Waiting {
        Range block;
        Done done;
    };
    // The window that holds the block, or, for one that no window holds, its own bytes.
    Range window_of(Range block) const;
    WindowCache::Key key(Range window) const;
    void start();
    void load(Range window);
    void loaded(Range window, Result<Window, ReadError> result);

    io::World& world_;
    Resources& resources_;
    const std::shared_ptr<FileSet> files_;
    ReaderOwner* owner_;
    std::map<Range, std::vector<Waiting>> waiting_;  // by window
    std::deque<Range> to_load_;                      // windows whose load has not begun
    std::size_t loads_ = 0;
};

}  // namespace spate::piece_store
