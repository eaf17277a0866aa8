// FileOpening: what a FileSet finds on the disk when it is opened, how much of it is vouched for, and what
// may be somebody else's, or half ours, where it is going to write. One for each opening. Thread: alone in
// the FileSet.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "piece_store/file_parts.h"

namespace spate::piece_store {

struct FoundFiles {
    metainfo::Bitfield have;        // vouched for
    metainfo::Bitfield unchecked;   // wholly there, nobody vouches for them: not even the state
    std::vector<FileStamp> stamps;  // of the files that the given state fits
    UnfinishedPieces unfinished{};  // of the given state, where it fits
    // There, and neither made by us nor vouched for: somebody else's if no piece of it is right.
    std::vector<metainfo::FileIndex> unknown{};
    std::vector<std::string> gone{};  // files that the state knows, and that are not there any more
    FileNames::Paths renamed{};
};

class FileOpening {
  public:
    using FileIndex = metainfo::FileIndex;
    struct Rules {
        bool read_only;
        bool overwrite;
    };

    // state: of an earlier run; null: there is none.
    FileOpening(FileParts& parts, const std::vector<bool>& wanted, Rules rules, Trust trust,
                const StoredState* state);
    FileOpening(const FileOpening&) = delete;
    FileOpening& operator=(const FileOpening&) = delete;

    Result<FoundFiles> look();
    // What is there is somebody else's, and stays.
    static Error taken(const std::string& path);

  private:
    const StoredState* believed() const { return trust_ == Trust::resume ? state_ : nullptr; }
    bool doubted(metainfo::PieceIndex piece) const {
        return believed() != nullptr && believed()->unchecked.has(piece);
    }
    bool fits(FileIndex file, const FileStamp& stamp, const io::MarkedInfo* info) const;
    Result<void> look_at(FileIndex file);
    void find_pieces();
    UnfinishedPieces still_there(const UnfinishedPieces& claimed) const;
    Result<void> bring_from_part();

    // file_opening_foreign.cpp
    Result<void> find_obstacle(FileIndex file) const;
    Result<void> take_unknown(FileIndex file, const io::MarkedInfo& info);
    Result<void> note_unknown(FileIndex file, std::uint64_t size);
    Result<void> make_own(FileIndex file);

    FileParts& parts_;
    const std::vector<bool>& wanted_;
    const Rules rules_;
    const Trust trust_;
    const StoredState* const state_;
    std::vector<bool> there_;    // at all; by FileIndex, as the next two
    std::vector<bool> trusted_;  // vouched for
    std::vector<bool> unknown_;  // there, and nobody vouches for it
    bool all_trusted_;           // that are not empty, and none is unknown
    FoundFiles found_;
};

}  // namespace spate::piece_store
