// WantedPieces: which files and pieces of a torrent are wanted, by selection and part, and how much of them
// is there. Pure. Owner: Content. Thread: the reactor's.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "engine/add_torrent.h"
#include "metainfo/bitfield.h"
#include "metainfo/file_layout.h"
#include "metainfo/magnet.h"
#include "swarm/piece_picker.h"

namespace spate::engine {

struct Selection {
    std::function<bool(const metainfo::File&)> wants;  // empty: all
    std::vector<metainfo::IndexRange> only;            // of a magnet; empty: all
    Part part;
};

class WantedPieces {
  public:
    // layout: outlives it.
    WantedPieces(const metainfo::FileLayout& layout, const Selection& selection);

    // By FileIndex; pad files are not.
    const std::vector<bool>& files() const { return files_; }
    std::vector<swarm::Priority> priorities() const;
    // Of the part that is kept and shown, wanted or not.
    bool in_part(metainfo::PieceIndex piece) const { return part_.first <= piece && piece < part_.end; }

    // Counts what is there anew; then each that comes.
    void count(const metainfo::Bitfield& have);
    void on_there(metainfo::PieceIndex piece);
    // Bytes of wanted pieces; of those that are there.
    std::uint64_t bytes() const { return bytes_; }
    std::uint64_t bytes_there() const { return bytes_there_; }
    std::uint64_t bytes_left() const { return bytes_ - bytes_there_; }

  private:
    const metainfo::FileLayout& layout_;
    std::vector<bool> files_;
    metainfo::PieceRange part_;
    metainfo::Bitfield pieces_;
    std::uint64_t bytes_ = 0;
    std::uint64_t bytes_there_ = 0;
};

}  // namespace spate::engine
