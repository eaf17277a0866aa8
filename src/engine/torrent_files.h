// TorrentFiles: how the files of a torrent stand: opened, checked if need be, moved, and waited for while
// their disk does not take what comes or give what it should (ContentWait says when it is tried again).
//
//     opening -> open, perhaps checked -> known        at any time: waiting
//
// Limits: what waits for them to be open is what callers asked for. Owner: Content. Thread: the reactor's.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/content_wait.h"
#include "engine/session_share.h"
#include "piece_store/piece_store.h"

namespace spate::engine {

class TorrentFilesOwner {
  public:
    virtual ~TorrentFilesOwner() = default;
    // What is here is known, but for what a check may still find.
    virtual void on_files_open(const piece_store::Opened& opened) = 0;
    virtual void on_files_checking() = 0;
    // All of it is known.
    virtual void on_files_known() = 0;
    // Some cannot be read, and are to be fetched while they are looked at again and again.
    virtual void on_files_unread(const Error& why) = 0;
    virtual void on_files_failed(const Error& error) = 0;
    // Nothing more is to be asked for; until on_files_well().
    virtual void on_files_waiting() = 0;
    virtual void on_files_well() = 0;
    // While it waits: what else could not be written is to be tried again.
    virtual void on_files_retry() = 0;
    virtual bool has_all_wanted() const = 0;
};

class TorrentFiles {
  public:
    using Done = std::move_only_function<void(Result<void>)>;

    // events: told of pieces; its on_disk_trouble() and on_disk_well() are to be passed on to here.
    TorrentFiles(SessionShare& share, piece_store::StoreOptions options, piece_store::StoreEvents& events,
                 TorrentFilesOwner& owner);
    ~TorrentFiles() { *alive_ = false; }
    TorrentFiles(const TorrentFiles&) = delete;
    TorrentFiles& operator=(const TorrentFiles&) = delete;

    piece_store::PieceStore& store() { return store_; }
    const piece_store::PieceStore& store() const { return store_; }

    void open();
    bool is_open() const { return phase_ != Phase::opening; }
    bool known() const { return phase_ == Phase::known; }
    // Blocks of pieces that are not whole, as they were found. Once.
    piece_store::UnfinishedPieces take_unfinished() { return std::exchange(unfinished_, {}); }

    // Both as soon as they are open. All of them, or none after an error; say: PieceStore::move_to().
    void move_to(std::string folder, piece_store::PieceStore::Say say, Done done);
    // path: clean, below the folder.
    void rename_file(metainfo::FileIndex file, std::string path, Done done);

    bool waiting() const { return wait_.waiting(); }
    const ContentWait& wait() const { return wait_; }
    // Something could not be written or read: on_files_retry() comes, until on_well().
    void wait_for(const Error& error);
    // What is missing must not be written: it is looked at again later.
    void miss(const Error& error) { wait_.on_trouble(error, share_.now()); }
    void on_well();
    void on_disk_trouble(const Error& error);
    void on_disk_well();
    // A try ended by it; any: some are there now.
    void on_verdicts(bool any);
    void on_tick(TimePoint now);

  private:
    enum class Phase : std::uint8_t { opening, open, known };

    void on_opened(Result<piece_store::Opened> opened);
    void check();
    void become_known();
    using Task = std::move_only_function<void(Result<void>)>;  // an error: they do not open
    void when_open(Task task);
    void retry();
    void check_again();
    void note_unread();

    SessionShare& share_;
    TorrentFilesOwner& owner_;
    const bool read_only_;
    piece_store::PieceStore store_;
    piece_store::UnfinishedPieces unfinished_;
    ContentWait wait_;
    ContentWait unread_;  // to look again at what could not be read, though it goes on
    std::vector<Task> when_open_;
    Phase phase_ = Phase::opening;
    bool in_trouble_ = false;  // the store is
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace spate::engine
