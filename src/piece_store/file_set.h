// FileSet: where the bytes of one torrent's piece address space lie on a disk, and how each file was when we
// last knew it. A pad file is on no disk. A file that is not wanted and not there has its bytes in the part
// file (`.NAME.parts` beside the torrent's file or folder): byte N of it is byte N of the address space, the
// rest holes; it goes when no file has bytes in it any more. Files are made when they are first written to,
// at their full size.
//
// The watch: a `settled` file must have the stamp we saw when it was synced, else it was changed by somebody
// else and nothing of it is given any more. A file `in_work` is our own to change.
//
// Its parts: FileNames (what they are called), TorrentFolder (what is there), FilePlaces (how each is known),
// OpenFiles (how bytes go there); FileOpening looks at all when it is opened, FileMove takes all elsewhere.
//
// Thread: pool jobs, any number at a time; those that move files wait until no other is inside.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "metainfo/bitfield.h"
#include "piece_store/file_move.h"
#include "piece_store/file_opening.h"
#include "piece_store/file_parts.h"
#include "piece_store/window.h"

namespace spate::piece_store {

// A read that failed; `changed`: because somebody changed the file, or it is not there.
struct ReadError {
    Error error;
    metainfo::FileIndex file;
    bool changed = false;
};

class FileSet {
  public:
    FileSet(io::Files& files, std::shared_ptr<FileHandles> handles, const StoreOptions& options);
    FileSet(const FileSet&) = delete;
    FileSet& operator=(const FileSet&) = delete;

    const metainfo::FileLayout& layout() const { return parts_.names.layout(); }
    // In a FileStamp or a Failure: the part file.
    metainfo::FileIndex part_file() const { return parts_.names.part_file(); }
    std::uint64_t id() const { return parts_.open.id(); }
    std::uint64_t disk() const { return parts_.folder.disk(); }  // as of Folder

    // First of all; again after an error. state: of an earlier run.
    Result<FoundFiles> open(Trust trust, const std::optional<StoredState>& state);

    // Ranges of the address space, within a piece.
    Result<void> write(std::uint64_t offset, Bytes bytes);
    Result<void> read(std::uint64_t offset, MutableBytes into);
    // A hint: that will be read soon.
    void will_need(std::uint64_t offset, std::uint64_t size);
    // Watched: what is given was there while the files were as we know them.
    Result<Window, ReadError> window(std::uint64_t offset, Buffer buffer, std::size_t size);
    // The same for a network thread, which must wait for nobody: null if memory does not hold all of it, a
    // file of it is not open, files are being moved, or it has parts of more than cached_files_max files;
    // also when there is something wrong with it.
    static constexpr std::uint32_t cached_files_max = 16;
    Window cached_window(std::uint64_t offset, Buffer buffer, std::size_t size);

    struct Failure {
        metainfo::FileIndex file;
        Error error;
        bool gone = false;  // the whole file, not only what was not yet synced
    };
    struct Synced {
        StoredState state;  // of the pieces: what was given
        std::vector<Failure> failed;
        std::optional<Error> names;  // not all names of new files are on the disk for good
        bool settled = true;         // no file is in work
    };
    // The last of all: a job that is still under way closes what it opens. Else the last one to let go of the
    // set would, and that may be the network thread.
    void close() { parts_.open.close(); }
    // Syncs what was written. pieces: a state that says of them what was written before. settle_all: nothing
    // is written after it.
    Synced sync(StoredState pieces, bool settle_all);
    // A file that was not in work is written to since the last call: the state on disk should say so.
    bool take_begun() { return parts_.places.take_begun(); }

    // Files that were there and are not, or were cut short, and that nobody took note of yet: nothing of them
    // is there, and nothing is written to them until allow_spoiled(), when the state on disk does not claim
    // anything of them any more.
    std::vector<metainfo::FileIndex> take_spoiled() { return parts_.places.take_spoiled(); }
    bool any_spoiled() const { return parts_.places.any_spoiled(); }
    // Those that were taken.
    void allow_spoiled() { parts_.places.allow_spoiled(); }
    // Whether a file of the piece was spoiled after that many losses had been taken: what a job that began by
    // then read or wrote of it is not what lies there now.
    FilePlaces::Life taken_losses() const { return parts_.places.taken_losses(); }
    bool lost_since(metainfo::PieceIndex piece, FilePlaces::Life losses) const;
    // Nothing of the files that were changed is vouched for any more: from now on they are watched as they
    // are.
    void look_again();

    // held: pieces of which bytes are on disk.
    Result<void> select(const std::vector<bool>& wanted, const metainfo::Bitfield& held);
    // What the next state says that will be done to them.
    IntendedNames& intended() { return parts_.intended; }
    // A move: said in the state, done, then ended, or all is brought back, by whether the new folder is known
    // to whoever opens the files next. Nothing may be synced or moved otherwise between.
    Result<void> move_to(const std::string& folder);
    void end_move();
    FileMove::BroughtBack move_back();
    Result<void> rename_file(metainfo::FileIndex file, const std::string& path);
    // They are spoiled then.
    Result<void> remove_files();

  private:
    struct Target {  // a slice, where it lies
        metainfo::FileIndex file;
        std::uint64_t offset;  // in that file
        std::uint64_t size;
        std::uint64_t at;  // in the range asked for
    };

    // Nothing may be changed: why.
    Result<void> writable(const char* operation) const;
    void take_names(const StoredState& state);
    Result<void> make_empty_files();
    template <class Get>
    auto fill(std::uint64_t offset, MutableBytes into, Get get) const
        -> std::invoke_result_t<Get, const Target&, MutableBytes>;
    std::vector<Target> targets(std::uint64_t offset, std::uint64_t size) const;
    Result<void, ReadError> unchanged(const Target& target);
    static constexpr std::size_t many_files = 32;  // to sync: then all at once
    bool is_complete(metainfo::FileIndex file, const metainfo::Bitfield& have) const;
    Result<FileStamp, Failure> sync_file(const FilePlaces::ToSync& file, bool complete, bool synced);
    void drop_part_file();
    Result<void> rename_alone(metainfo::FileIndex file, const std::string& path);

    const bool read_only_;
    const bool overwrite_;
    FileParts parts_;
    FileMove move_;
    std::vector<bool> wanted_;
    // Shared: reads and writes. Alone: what changes the folder, names or the selection.
    mutable std::shared_mutex shape_;
};

}  // namespace spate::piece_store
