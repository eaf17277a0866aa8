// PieceStore: the files of one torrent. Blocks come in, whole pieces are hashed and written; pieces go out as
// views of windows. Nothing is in have() that was not hashed (or vouched for by a state synced before)
// and written.
//
// In: write() copies into segments of 256 KiB (partial_piece.h); a whole piece goes through the HashQueue,
// beside others in the hash lanes, and is written by the same pool job. Unfinished pieces hold at most half
// of the BufferBudget; beyond that the oldest segments go to disk early and are read back to be hashed.
//
// Out: windows of at most 256 KiB of a piece (window_cache.h), read at once where memory
// holds it (reactor_reads.h), else by a pool job.
//
// Disk: one held folder; no link is followed; pad files are on no disk; bytes of files that are not wanted
// but share a piece with a wanted one lie in the part file (file_set.h). Thread: the reactor's. The owner
// destroys it when it likes: jobs under way end by themselves.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/world.h"
#include "piece_store/block_view.h"
#include "piece_store/resources.h"
#include "piece_store/store_options.h"

namespace spate::piece_store {

class PieceStore {
  public:
    using Done = std::move_only_function<void(Result<void>)>;

    // world, resources and events outlive it. Events and callbacks come in later turns, never from inside a
    // call.
    PieceStore(io::World& world, Resources& resources, StoreEvents& events, StoreOptions options);
    ~PieceStore();
    PieceStore(const PieceStore&) = delete;
    PieceStore& operator=(const PieceStore&) = delete;

    // First of all; again after an error. Looks at what is on disk; then have() says what is trusted.
    void open(std::move_only_function<void(Result<Opened>)> done);
    // Hashes what is there and not vouched for, on all cores; have() grows while it runs. Later again: what
    // was lost by a change of its file or not read by the check before, and of a read-only store all that is
    // missing. One at a time. Errors, here and of open(): a file is there of which no piece is right
    // (EEXIST): it would be destroyed; or of which that cannot be told, as it could not be read.
    void check(Done done);
    bool checking() const;
    // Some were lost as they could not be read or their file was changed, and may be right now.
    bool has_doubts() const;
    // Why the last check could not read some, which may be right still; null: it could read all.
    const Error* unread() const;
    std::uint64_t bytes_to_check() const;
    std::uint64_t bytes_checked() const;
    const metainfo::Bitfield& have() const;

    // --- in ---
    enum class Taken : std::uint8_t {
        dropped,  // not needed: the block, or the piece, is there already; or no room for another source's
        part,     // more of the block is to come
        block,    // the block is whole now
    };
    // The next bytes of a block that `source` sends, from its beginning on; within one block. Copies them. To
    // be asked before reading sockets: Resources::accepting().
    Taken write(Source source, metainfo::PieceIndex piece, std::uint32_t offset, Bytes bytes);
    // All blocks of the piece were taken (those in pad files alone need not be): a verdict will follow. To a
    // v2 torrent its hash must be known.
    void verify(metainfo::PieceIndex piece);
    // Forgets its blocks; not while a verdict is awaited.
    void discard(metainfo::PieceIndex piece);
    // That peer is gone: what it began is forgotten.
    void forget(Source source);
    // No other piece will be whole soon: do not wait for more to fill the hash lanes.
    void hurry();
    // After on_disk_trouble(), from time to time. False: nothing waits to be written, ask for blocks again.
    bool retry();

    // --- out, of pieces in have() ---
    // A peer asked for it: it will be read when its turn comes.
    void expect(metainfo::PieceIndex piece, std::uint32_t offset);
    // What can be sent at once.
    std::optional<BlockView> cached(metainfo::PieceIndex piece, std::uint32_t offset, std::uint32_t length);
    // Gets it from the disk. Errors: the disk's; a file that was changed is one (then on_lost() follows).
    void read(metainfo::PieceIndex piece, std::uint32_t offset, std::uint32_t length,
              std::move_only_function<void(Result<BlockView>)> done);

    // --- the files as a whole; each waits for the jobs under way ---
    void select(std::vector<bool> wanted, Done done);
    // To another folder, by rename or else by copying: all or none, and whatever ends the process meanwhile.
    // say: called when all is there; makes known to whoever opens the files next where they are; after an
    // error all is brought back. Refused: something is there under one of the names; a move is under way.
    using Say = std::move_only_function<void(Done)>;
    void move_to(std::string folder, Say say, Done done);
    bool moving() const;
    // path: clean (metainfo/clean_path.h), below the folder. Refused: it is taken.
    void rename_file(metainfo::FileIndex file, std::string path, Done done);
    // Removes the torrent's files, the part file and folders that are empty then; nothing else. What was in
    // them is lost, also what is still being written: events tell. Blocks in memory stay.
    void remove_files(Done done);

    // For Checkpoints. Something changed since the last sync(), or that is under way.
    bool unsynced() const;
    enum class Closing : bool { no, yes };  // yes: nothing is written any more, every change is foreign
    // All pieces in the state that is given are on the disk for good. One after the other.
    void sync(Closing closing, std::move_only_function<void(Result<StoredState>)> done);
    // Somebody waits for the one under way: it goes before those of other stores.
    void hurry_sync();
    // The files as they were found, which must be in the database before anything is synced: of a store that
    // began with nothing, or with less than its state claimed.
    std::optional<StoredState> take_baseline();
    // What sync() or take_baseline() gave last is in the database. Nothing is written to the files while a
    // state there may claim pieces that are not there any more.
    void saved();
    // It could not be put there; it will be tried again. Writing goes on, but where a saved state may claim
    // what is gone: that is on_disk_trouble().
    void not_saved(const Error& error);
    // Called when a state should be saved soon: writing waits for it, or a file is written to that the last
    // state knows as finished or absent, which would have to be checked after a kill.
    void set_on_unsaved(std::move_only_function<void()> on_unsaved);
    // Nothing is written before the next state is saved.
    bool waits_for_state() const;

    const metainfo::FileLayout& layout() const;
    std::string path_of(metainfo::FileIndex file) const;  // below the folder
    const std::string& folder() const;

  private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace spate::piece_store
