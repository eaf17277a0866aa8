// RowReader: the bytes of a row of neighbouring pieces, a window of each at a time, read into one buffer that
// is used again and stays in the second-level cache. A piece whose bytes cannot be had fails alone.
// Owner and thread: one job. Memory: plan.streams * window; open files: open_files_max.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "creation/content.h"
#include "creation/hash_plan.h"

namespace spate::creation {

struct FileFault {
    metainfo::FileIndex file;
    Error error;
};

class RowReader {
  public:
    static constexpr std::size_t open_files_max = 24;

    RowReader(const Content& content, const HashPlan& plan);

    // At most plan.streams pieces. Those that are not wholly there have failed already, without an error.
    void start(metainfo::PieceRange row);
    // Reads the next chunk of every piece, at most a window; false when all are at their end or have failed.
    bool step();

    // By place in the row; empty for a piece that is at its end or has failed. Valid until the next step().
    std::span<const Bytes> chunks() const { return chunks_; }
    // Where in its piece the chunk begins: a multiple of 16 KiB.
    std::uint64_t chunk_start(std::size_t place) const { return pieces_[place].done - chunks_[place].size(); }

    bool failed(std::size_t place) const { return pieces_[place].failed; }
    // One for each piece that failed while it was read, in order; gives them away.
    std::vector<FileFault> take_faults() { return std::exchange(faults_, {}); }

  private:
    struct Piece {
        std::uint64_t offset = 0;  // in the piece address space
        std::uint64_t size = 0;
        std::uint64_t done = 0;
        bool failed = false;
        std::uint64_t left() const { return failed ? 0 : size - done; }
    };
    void read(std::size_t place, std::uint64_t size);
    Result<void> read_slice(const metainfo::FileSlice& slice, MutableBytes into);
    Result<io::File*> open(metainfo::FileIndex file);
    void fail_piece(std::size_t place, metainfo::FileIndex file, Error error);

    const Content& content_;
    const HashPlan plan_;
    std::vector<Piece> pieces_;
    std::vector<Bytes> chunks_;
    std::vector<std::uint8_t> windows_;  // by place, window_gap apart
    std::vector<std::pair<metainfo::FileIndex, std::unique_ptr<io::File>>> open_files_;  // last used: last
    std::vector<FileFault> faults_;
};

}  // namespace spate::creation
