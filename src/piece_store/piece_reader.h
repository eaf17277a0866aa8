// PieceReader: the way out of one store: windows of pieces, read at once where memory holds them, else by
// pool jobs, one for all who wait for it.
// Who asks for a window's first block will mostly ask for the next ones too: then a job reads several. What
// is expected a slow disk is told early (ReadAhead). Limits: jobs under way: DiskJobs'; what waits is what
// the owner asked for. Owner: PieceStore. Thread: the reactor's.
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
#include "piece_store/disk_jobs.h"
#include "piece_store/file_set.h"
#include "piece_store/read_ahead.h"
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
    static constexpr std::uint32_t windows_ahead = 4;  // of one piece, by one job
    // What memory did not hold, or gave slowly, is left to jobs for so long; doubled each time that follows.
    // A file that is not open yet, or is being moved, counts the same.
    static constexpr Duration cold_min = std::chrono::milliseconds(5);
    static constexpr Duration cold_max = std::chrono::seconds(1);
    using Done = std::move_only_function<void(Result<BlockView>)>;

    PieceReader(io::World& world, Resources& resources, std::shared_ptr<FileSet> files, ReaderOwner& owner);
    PieceReader(const PieceReader&) = delete;
    PieceReader& operator=(const PieceReader&) = delete;
    void detach();

    // A block that begins there will be read when its turn comes.
    void expect(metainfo::PieceIndex piece, std::uint32_t offset) { ahead_->on_asked(piece, offset); }
    // What can be sent at once: it is, or comes, from memory.
    std::optional<BlockView> cached(metainfo::PieceIndex piece, std::uint32_t offset, std::uint32_t length);
    void read(metainfo::PieceIndex piece, std::uint32_t offset, std::uint32_t length, Done done);
    // It is not to be trusted any more: nothing of it is given, nor what is being read. Who waits for it
    // hears so, in a later turn.
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
    // One that was dropped is not known by its number any more: what it brings is of no use to anybody.
    struct Load {
        std::uint64_t number = 0;
        std::vector<Waiting> waiting{};
    };
    struct Numbered {
        Range window;
        std::uint64_t number = 0;
    };
    using Loads = std::vector<Numbered>;  // of one job
    using Read = Result<Window, ReadError>;
    struct JobDone {
        std::vector<Read> results;
        Duration took;  // of the disk alone, not of a pool that had other things to do
    };
    // The window that holds the block, or, for one that no window holds, its own bytes.
    Range window_of(Range block) const;
    WindowCache::Key key(Range window) const;
    bool is_window(Range range) const;
    Window read_at_once(Range window);
    bool is_wanted(const Numbered& load) const;
    void want(Numbered first, bool ahead);
    bool begin_job();
    void load(Loads loads);
    void loaded(const Loads& loads, JobDone job);
    void answer(Range window, Read result, Duration took);

    io::World& world_;
    Resources& resources_;
    const std::shared_ptr<FileSet> files_;
    ReaderOwner* owner_;
    const std::shared_ptr<DiskSeat> seat_;
    const std::shared_ptr<ReadAhead> ahead_;
    std::map<Range, Load> loading_;  // by window
    std::uint64_t last_number_ = 0;
    std::deque<Loads> to_load_;  // jobs that have not begun
    Duration cold_for_ = cold_min;
    TimePoint cold_until_{};
};

}  // namespace spate::piece_store
