// ReadAhead: tells a slow disk early what peers have asked for. A peer's blocks are read one window after the
// other (PieceReader), so a disk that takes 50 ms for a read would give it some MB a second, however many
// reads it bears side by side. While reads are slow, each MiB that somebody asks for is therefore told to the
// system by a pool job: it reads all of them at once, in large requests, into its page cache. A disk that
// answers at once is told nothing. What it was told is not told again for told_for; after that the system may
// have read it and dropped it again.
// Limits: told_max MiB that are to be told, or were and are not read yet; jobs_max jobs, as the disk may make
// them wait. Owner: PieceReader. Thread: the reactor's.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>

#include "io/reactor.h"
#include "metainfo/file_layout.h"
#include "piece_store/disk_jobs.h"

namespace spate::piece_store {

class ReadAhead : public std::enable_shared_from_this<ReadAhead> {
  public:
    static constexpr std::uint32_t chunk = 1 << 20;  // of one piece
    static constexpr std::size_t told_max = 64;
    static constexpr unsigned jobs_max = 2;
    static constexpr Duration slow = std::chrono::milliseconds(20);
    static constexpr Duration slow_for = std::chrono::seconds(10);  // after a read that was
    // Then it counts as read, or is not worth telling.
    static constexpr Duration told_for = std::chrono::seconds(2);

    struct Range {
        metainfo::PieceIndex piece;
        std::uint32_t offset = 0;
        std::uint32_t size = 0;
        bool operator==(const Range&) const = default;
    };
    // Called by pool jobs: must own what it touches.
    using Tell = std::function<void(const Range& range)>;

    // seat: its owner's turns are begin_job().
    ReadAhead(io::Reactor& reactor, std::shared_ptr<DiskSeat> seat, const metainfo::FileLayout& layout,
              Tell tell)
        : reactor_(reactor), seat_(std::move(seat)), layout_(layout), tell_(std::move(tell)) {}

    // Somebody asked for a block that begins there.
    void on_asked(metainfo::PieceIndex piece, std::uint32_t offset);
    // It was read, by a job that took that long, or at once from memory.
    void on_read(metainfo::PieceIndex piece, std::uint32_t offset, Duration took);
    // False: there is none to begin now.
    bool begin_job();

  private:
    struct Told {
        Range range;
        TimePoint since;
        bool begun = false;  // a job tells it
        bool was_read = false;
    };
    Range chunk_of(metainfo::PieceIndex piece, std::uint32_t offset) const;
    bool make_room();
    void drop_over(TimePoint now);

    io::Reactor& reactor_;
    const std::shared_ptr<DiskSeat> seat_;
    const metainfo::FileLayout& layout_;
    const Tell tell_;
    std::deque<Told> told_;  // in the order in which they were asked for
    unsigned jobs_ = 0;
    TimePoint slow_until_{};
};

}  // namespace spate::piece_store
