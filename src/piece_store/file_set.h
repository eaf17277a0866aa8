// FileSet: where the bytes of one torrent's piece address space lie on a disk, and how each file was when we
// last knew it. A pad file is on no disk. A file that is not wanted and not there has its bytes in the part
// file (`.NAME.parts` beside the torrent's file or folder): byte N of it is byte N of the address space, the
// rest holes; it goes when no file has bytes in it any more. Files are made when they are first written to,
// at their full size.
//
// The watch: a `settled` file must have the stamp we saw when it was synced, else it was changed by somebody
// else and nothing of it is given any more. A file `in_work` is our own to change.
//
// Thread: pool jobs, any number at a time; those that move files wait until no other is inside.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "metainfo/bitfield.h"
#include "piece_store/file_handles.h"
#include "piece_store/file_places.h"
#include "piece_store/store_options.h"
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
    ~FileSet();
    FileSet(const FileSet&) = delete;
    FileSet& operator=(const FileSet&) = delete;

    const metainfo::FileLayout& layout() const { return metainfo_->info.layout; }
    // In a FileStamp or a Failure: the part file.
    metainfo::FileIndex part_file() const;
    std::uint64_t id() const { return id_; }

    struct Found {
        metainfo::Bitfield have;        // vouched for
        metainfo::Bitfield unchecked;   // wholly there, nobody vouches for them
        std::vector<FileStamp> stamps;  // of the files that the given state fits
        UnfinishedPieces unfinished{};  // of the given state, where it fits
        // There, and neither made by us nor vouched for: somebody else's if no piece of it is right.
        std::vector<metainfo::FileIndex> unknown{};
        std::vector<std::string> gone{};  // files that the state knows, and that are not there any more
        std::map<metainfo::FileIndex, std::string> renamed{};
    };
    // What is there is somebody else's, and stays.
    static Error taken(const std::string& path);
    // First of all; again after an error. state: of an earlier run.
    Result<Found> open(Trust trust, const std::optional<StoredState>& state);

    // Ranges of the address space, within a piece.
    Result<void> write(std::uint64_t offset, Bytes bytes);
    Result<void> read(std::uint64_t offset, MutableBytes into);
    // A hint: that will be read soon.
    void will_need(std::uint64_t offset, std::uint64_t size);
    // Watched: what is given was there while the files were as we know them.
    Result<Window, ReadError> window(std::uint64_t offset, Buffer buffer, std::size_t size);

    struct Failure {
        metainfo::FileIndex file;
        Error error;
        bool gone = false;  // the whole file, not only what was not yet synced
    };
    struct Synced {
        StoredState state;  // its have and unfinished: those given
        std::vector<Failure> failed;
        std::optional<Error> names;  // not all names of new files are on the disk for good
        bool settled = true;         // no file is in work
    };
    // The last of all: a job that is still under way closes what it opens. Else the last one to let go of the
    // set would, and that may be the network thread.
    void close();
    // Syncs what was written. have, unfinished: what was written before. settle_all: nothing is written after
    // it.
    Synced sync(const metainfo::Bitfield& have, UnfinishedPieces unfinished, bool settle_all);
    // A file that was not in work is written to since the last call: the state on disk should say so.
    bool take_begun() { return places_.take_begun(); }

    // Files that were there and are not, or were cut short, and that nobody took note of yet: nothing of them
    // is there, and nothing is written to them until allow_spoiled(), when the state on disk does not claim
    // anything of them any more.
    std::vector<metainfo::FileIndex> take_spoiled() { return places_.take_spoiled(); }
    bool any_spoiled() const { return places_.any_spoiled(); }
    // Those that were taken.
    void allow_spoiled() { places_.allow_spoiled(); }
    // Whether a file of the piece was spoiled after that many losses had been taken: what a job that began by
    // then read or wrote of it is not what lies there now.
    FilePlaces::Life taken_losses() const { return places_.taken_losses(); }
    bool lost_since(metainfo::PieceIndex piece, FilePlaces::Life losses) const;
    // Nothing of the files that were changed is vouched for any more: from now on they are watched as they
    // are.
    void look_again();

    // held: pieces of which bytes are on disk.
    Result<void> select(const std::vector<bool>& wanted, const metainfo::Bitfield& held);
    // A move: said in the state, done, then ended, or all is brought back, by whether the new folder is known
    // to whoever opens the files next. Nothing may be synced or moved otherwise between. What was written
    // between to the files that move_back() names is gone: they were copies.
    void intend_move(const std::string& folder);
    void give_up_move();
    Result<void> move_to(const std::string& folder);
    void end_move();
    Result<std::vector<metainfo::FileIndex>> move_back();
    // It will be renamed as soon as the state that says so is saved: until then it may be under either name.
    void intend_rename(metainfo::FileIndex file, const std::string& path);
    void give_up_rename(metainfo::FileIndex file);
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

    static std::string parent(const std::string& path);  // empty: the folder itself
    std::string path_of(metainfo::FileIndex file) const;
    std::uint64_t size_of(metainfo::FileIndex file) const;
    bool on_disk(metainfo::FileIndex file) const;
    metainfo::FileIndex where(metainfo::FileIndex file) const;  // its bytes are: there, or in the part file
    std::vector<Target> targets(std::uint64_t offset, std::uint64_t size) const;
    Result<io::MarkedInfo> look_at(const std::string& path) const;
    bool find_file(metainfo::FileIndex file, io::MarkedInfo& info) const;
    void take_names(const StoredState& state);
    Result<void> undo_move(const StoredState& state);
    Result<void> find_obstacle(metainfo::FileIndex file) const;
    Result<void> rename_alone(metainfo::FileIndex file, const std::string& path);
    bool fits(metainfo::FileIndex file, const FileStamp& stamp, const io::MarkedInfo* info) const;
    Result<void> find_unknown(metainfo::FileIndex file, std::uint64_t size, Found& found) const;
    struct Opening;
    Result<void> look_at_file(Opening& opening, metainfo::FileIndex file);
    Result<void> take_unknown(Opening& opening, metainfo::FileIndex file, const io::MarkedInfo& info);
    void find_pieces(Opening& opening) const;
    Result<void> bring_from_part(const Opening& opening);
    UnfinishedPieces still_there(const UnfinishedPieces& claimed, const Found& found,
                                 const std::vector<bool>& trusted) const;
    Result<void> make_empty_files();
    Result<void> write_once_more(metainfo::FileIndex file);
    FileHandles::Key key_of(metainfo::FileIndex file) const;
    Result<std::shared_ptr<FileHandle>> handle(metainfo::FileIndex file, bool writable) {
        return handle(file, places_.life(file), writable);
    }
    Result<std::shared_ptr<FileHandle>> handle(metainfo::FileIndex file, FilePlaces::Life life,
                                               bool writable);
    Result<std::unique_ptr<io::File>> open_to_write(metainfo::FileIndex file, FilePlaces::Life life);
    Result<std::unique_ptr<io::File>> make_file(const std::string& path);
    Error spoil(metainfo::FileIndex file);
    Error gone(metainfo::FileIndex file) const;
    Result<void> write_target(const Target& target, Bytes bytes);
    Result<void> read_target(const Target& target, MutableBytes into);
    Result<void, ReadError> unchanged(const Target& target);
    Result<void> copy_from_part(metainfo::FileIndex file, const metainfo::Bitfield& held);
    static constexpr std::size_t many_files = 32;  // to sync: then all at once
    bool is_complete(metainfo::FileIndex file, const metainfo::Bitfield& have) const;
    Result<FileStamp, Failure> sync_file(const FilePlaces::ToSync& file, bool complete, bool synced);
    void note_new_name(const std::string& path);
    Result<void> sync_names();
    void drop_part_file();
    struct Moved {
        metainfo::FileIndex file;
        bool copied = false;
    };
    struct Move {  // done, not ended
        std::unique_ptr<io::Folder> from;
        std::string from_path;
        std::vector<Moved> files;
    };
    Result<void> rename_across(io::Folder& from, io::Folder& to, const std::string& path);
    Result<Moved> move_one(io::Folder& to, metainfo::FileIndex file);
    Result<std::vector<Moved>> move_all(io::Folder& to);
    Result<void> bring_back(io::Folder& from, io::Folder& to, const std::vector<Moved>& moved);
    static Result<void> absent(io::Folder& folder, const std::string& path);
    void enter(std::unique_ptr<io::Folder> folder, std::string path, const std::vector<Moved>& moved);
    Result<void> copy_between(io::Folder& from, const std::string& path, io::Folder& to,
                              const std::string& to_path);
    Result<void> make_own(metainfo::FileIndex file);
    io::FileMark mark_of(metainfo::FileIndex file) const;
    void remove_empty_folders(io::Folder& folder);

    io::Files& files_;
    const std::shared_ptr<FileHandles> handles_;
    const std::uint64_t id_;
    const std::shared_ptr<const metainfo::Metainfo> metainfo_;
    const bool preallocate_;
    const bool read_only_;
    const bool overwrite_;
    const std::string part_name_;
    std::atomic<bool> closed_ = false;
    FilePlaces places_;

    mutable std::shared_mutex shape_;  // shared: reads and writes; alone: what moves files
    std::string folder_path_;
    std::unique_ptr<io::Folder> folder_;
    std::vector<bool> wanted_;
    std::map<metainfo::FileIndex, std::string> renamed_;
    std::optional<Move> move_;

    mutable std::mutex mutex_;  // of what follows; held for moments only
    std::map<metainfo::FileIndex, std::string> renaming_;
    std::string moving_;                  // to that folder, as the state says
    std::set<std::string> new_names_in_;  // folders whose names are to be synced
};

}  // namespace spate::piece_store
