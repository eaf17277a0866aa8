// StoredState: what must be remembered of one torrent's files so that nothing is hashed again after a
// restart. Written as octets into the resume database (docs/formats/resume.md). What is read from there is
// checked against the torrent's layout: a state that does not fit is refused whole. Pure; any thread.
// Limits: those of metainfo/limits.h.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "metainfo/bitfield.h"
#include "metainfo/file_layout.h"

namespace spate::piece_store {

// How a file was when its pieces were synced.
struct FileStamp {
    enum class State : std::uint8_t {
        absent,   // not there: its pieces are not, or lie in the part file
        in_work,  // we were writing to it: a moment of later changes is our own
        settled,  // all that was written is synced: any change is somebody else's
    };
    State state = State::absent;
    std::uint64_t size = 0;
    std::int64_t modified = 0;  // unix seconds
    std::uint32_t modified_ns = 0;
    std::uint64_t mark = 0;  // io::FileMark::change; 0: unknown, which fits every one
    bool operator==(const FileStamp&) const = default;
};

// Which blocks (by BlockIndex) of pieces that are not whole are on the disk, unhashed; not all of one.
using UnfinishedPieces = std::map<metainfo::PieceIndex, std::vector<bool>>;
// Blocks of a piece that are asked for: all but those in pad files alone.
std::uint32_t blocks_of(const metainfo::FileLayout& layout, metainfo::PieceIndex piece);

struct StoredState {
    metainfo::Bitfield have{};
    std::vector<FileStamp> stamps{};  // by FileIndex; one more at the end: the part file's
    std::vector<bool> wanted{};       // by FileIndex
    std::map<metainfo::FileIndex, std::string> renamed{};  // paths that are not the torrent's
    UnfinishedPieces unfinished{};
    metainfo::Bitfield unchecked{};  // may be wholly on the disk, unhashed: to be looked at by the next run
    // Where they may be by now: it was said before they were renamed.
    std::map<metainfo::FileIndex, std::string> renaming{};
    // The folder they may be in by now, for the same reason; what counts is the folder of the row.
    std::string moving{};
    bool operator==(const StoredState&) const = default;
};

std::vector<std::uint8_t> write_state(const StoredState& state);
// Nothing: damaged, of a newer version, or of another torrent's shape.
std::optional<StoredState> read_state(Bytes octets, const metainfo::FileLayout& layout);

}  // namespace spate::piece_store
