// FilePlaces: what a FileSet knows of each of its files: whether its bytes lie in the part file, whether it
// is written to, how it was when we last knew it. Reads, writes, a sync and the reactor's thread all ask and
// tell at the same time, so nobody but this class touches it, and each verb is one step.
//
// Losses: a file that was there and is not, or was cut short, is `spoiled`: nothing is written to it until
// its owner has taken note (take_spoiled) and then allowed it (allow_spoiled). With the loss it begins
// another life, named by the number of that loss: what was opened, written or synced in an earlier one is not
// in it.
//
// Limits: one entry a file. Thread: any.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "io/files.h"
#include "piece_store/stored_state.h"

namespace spate::piece_store {

FileStamp stamp_of(const io::MarkedInfo& info, FileStamp::State state);

class FilePlaces {
  public:
    using FileIndex = metainfo::FileIndex;
    using Life = std::uint64_t;

    // The part file is the last one.
    explicit FilePlaces(std::size_t count) : places_(count) {}
    FilePlaces(const FilePlaces&) = delete;
    FilePlaces& operator=(const FilePlaces&) = delete;

    struct Found {
        FileStamp stamp{};     // absent: it is not there
        bool in_part = false;  // its bytes are in the part file
        bool known = false;    // there at its full size
        bool dirty = false;    // may hold what is not synced
    };
    // As it was found, or left by whoever was alone with it.
    void begin(FileIndex file, const Found& found);

    bool in_part(FileIndex file) const;
    // Its bytes are in that one: in itself, or the part file.
    FileIndex where(FileIndex file) const;
    void set_in_part(FileIndex file, bool in_part);
    bool absent(FileIndex file) const;
    bool part_file_is_idle() const;  // it is there, and nothing is in it or on its way there

    // A file that is written to is in work until the write is over, so that the watch never takes our own
    // change for somebody else's. Nothing: it is spoiled.
    [[nodiscard]] std::optional<Life> begin_write(FileIndex file);
    void end_write(FileIndex file, Life life, bool opened);
    // Whether it is known to be there at its full size; nothing: it is spoiled, or that life is over.
    std::optional<bool> known(FileIndex file, Life life) const;
    void note_known(FileIndex file, Life life);
    // A file that was not in work is written to, or is elsewhere, since the last call.
    void note_begun() { begun_ = true; }
    bool take_begun() { return begun_.exchange(false); }

    void spoil(FileIndex file);
    bool any_spoiled() const;
    // Those that nobody took yet: nothing is known of them any more.
    std::vector<FileIndex> take_spoiled();
    // Those that were taken may be written to again.
    void allow_spoiled();
    Life life(FileIndex file) const;
    Life losses() const { return losses_; }
    Life taken_losses() const { return taken_losses_; }

    struct ToSync {
        FileIndex file;
        Life life;
        FileStamp::State before;
        bool was_dirty;
    };
    // Files that may hold what is not synced; what is written to them from now on counts for the next time.
    std::vector<ToSync> take_unsynced();
    // rests: it is settled if nothing was written since. Whether it is.
    bool note_synced(const ToSync& synced, FileStamp stamp, bool rests);
    std::vector<FileStamp> stamps() const;

    // Whether it may be served up to `end`, looking so.
    bool is_as_known(FileIndex file, const io::FileInfo& info, std::uint64_t end) const;
    // By somebody else: it must be looked at again.
    void note_changed(FileIndex file);
    std::vector<FileIndex> changed() const;
    void look_again(FileIndex file, const FileStamp& now, bool dirty);
    // It went elsewhere and looks so there: a copy has a time of its own, and a rename leaves its mark.
    void note_moved(FileIndex file, const io::MarkedInfo& info);
    void note_renamed(FileIndex file, const io::FileMark& mark);

  private:
    enum class Loss : std::uint8_t { none, found, taken };
    struct Place {
        FileStamp stamp{};
        bool in_part = false;
        bool known = false;
        bool dirty = false;
        bool changed = false;
        Loss loss = Loss::none;
        std::uint32_t writing = 0;  // writes under way
        Life life = 0;
    };
    Place& at(FileIndex file) { return places_[file.value]; }
    const Place& at(FileIndex file) const { return places_[file.value]; }

    mutable std::mutex mutex_;  // held for moments only
    std::vector<Place> places_;
    std::atomic<Life> losses_ = 0;  // written with the lock held, as the next one
    std::atomic<Life> taken_losses_ = 0;
    std::atomic<bool> begun_ = false;
};

}  // namespace spate::piece_store
