// PieceStore::Impl: what a PieceStore knows of its torrent (have, what a state may claim, what the disk does
// not take), between the parts that do the work: PieceIntake, PieceReader, ContentCheck and FileSet.
// Owner: PieceStore. Thread: the reactor's.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "piece_store/claims.h"
#include "piece_store/content_check.h"
#include "piece_store/doubts.h"
#include "piece_store/piece_intake.h"
#include "piece_store/piece_reader.h"
#include "piece_store/piece_store.h"
#include "piece_store/read_ahead.h"

namespace spate::piece_store {

class PieceStore::Impl final : public std::enable_shared_from_this<PieceStore::Impl>,
                               public IntakeOwner,
                               public ReaderOwner,
                               public CheckOwner {
  public:
    using SyncDone = std::move_only_function<void(Result<StoredState>)>;

    Impl(io::World& world, Resources& resources, StoreEvents& events, StoreOptions options);

    void detach();
    void open(std::move_only_function<void(Result<Opened>)> done);
    void check(Done done);
    void select(std::vector<bool> wanted, Done done);
    void move_to(std::string folder, Say say, Done done);
    bool moving() const { return move_.has_value(); }
    void rename_file(metainfo::FileIndex file, std::string path, Done done);
    void remove_files(Done done);

    const metainfo::FileLayout& layout() const { return options_.metainfo->info.layout; }
    const metainfo::Bitfield& have() const { return have_; }
    PieceIntake& intake() { return *intake_; }
    PieceReader& reader() { return *reader_; }
    Resources& resources() { return resources_; }
    bool has_doubts() const { return doubts_.any(); }
    ReadAhead& ahead() { return *ahead_; }
    ContentCheck* content_check() { return check_.get(); }
    io::Reactor& reactor() { return world_.reactor; }
    std::string path_of(metainfo::FileIndex file) const;
    const std::string& folder() const { return options_.folder; }

    // piece_store_sync.cpp
    bool unsynced() const { return (changed_ && may_claim()) || syncing_; }
    bool waits_for_state() const { return claims_.waiting(); }
    void sync(Closing closing, SyncDone done);
    std::optional<StoredState> take_baseline();
    void saved();
    void not_saved(const Error& error);
    void set_on_unsaved(std::move_only_function<void()> on_unsaved);
    bool retry();

  private:
    void rename_now(metainfo::FileIndex file, const std::string& path, Done done);
    void rename_when(const Result<void>& saved, metainfo::FileIndex file, const std::string& path, Done done);
    void answer_later(Done done, Result<void> result);
    Error busy(const char* operation) const;
    void on_opened(const FileSet::Found& found, std::uint32_t claimed, bool fresh);
    Result<void> nothing_foreign();
    StoredState state_of(const FileSet::Found& found) const;
    void on_pieces_decided(std::span<const PieceVerdict> verdicts) override;
    void on_flushed() override;
    void on_read(metainfo::PieceIndex piece, std::uint32_t offset, Duration took) override;
    void on_read_failed(metainfo::PieceIndex piece, const ReadError& error) override;
    void on_checked(std::span<const metainfo::PieceIndex> pieces) override;
    void on_check_done() override;
    void add(metainfo::PieceIndex piece);
    template <class Job, class After>
    void change_files(Job job, After after, Done done);

    // piece_store_move.cpp
    bool in_between() const { return move_ && move_->begun; }
    void begin_move();
    void on_moved(const Result<void>& moved);
    void on_said(const Result<void>& said);
    void on_back(const std::vector<metainfo::FileIndex>& copies, const Error& why);
    void end_move(Result<void> result);

    // piece_store_sync.cpp
    void update_hold() { intake_->hold(claims_.hold() || in_between()); }
    void on_write_failed(const Error& error) override;
    // No state may make ours what is somebody else's, or speak of files that nobody has looked at, or that
    // are neither here nor there.
    bool may_claim() const { return opened_ && doubts_.all_ours() && !in_between(); }
    void note_loss();
    bool lose_spoiled();
    enum class Claim : bool { none, saved };  // whether a saved state may have them
    void lose(const std::vector<metainfo::PieceIndex>& pieces, const Error& why, Claim claim);
    std::vector<metainfo::PieceIndex> pieces_of(metainfo::FileIndex file,
                                                const metainfo::Bitfield& among) const;
    void give_up_unfinished(metainfo::FileIndex file, const Error& why);
    void start_sync(Closing closing, SyncDone done);
    void end_sync();
    void synced(FileSet::Synced result, const metainfo::Bitfield& claimed, SyncDone done);
    void sync_failed(const FileSet::Synced& result, const metainfo::Bitfield& claimed, const Error& error);
    void tell_begun();
    void tell_unsaved();
    void tell_trouble(const Error& error);
    void tell_if_well();

    io::World& world_;
    Resources& resources_;
    StoreEvents* events_;
    StoreOptions options_;
    const std::shared_ptr<FileSet> files_;
    metainfo::Bitfield have_;
    metainfo::Bitfield fresh_;  // of these: not in a state that was synced
    Doubts doubts_;             // check() ends them
    Claims claims_;
    struct Move {
        std::string folder;
        Say say;
        Done done;
        bool begun = false;
    };
    std::optional<Move> move_;
    const std::shared_ptr<PieceIntake> intake_;
    const std::shared_ptr<PieceReader> reader_;
    const std::shared_ptr<ReadAhead> ahead_;
    std::shared_ptr<ContentCheck> check_;
    Done check_done_;
    std::map<metainfo::FileIndex, std::string> renamed_;
    bool opened_ = false;
    bool changed_ = false;
    bool syncing_ = false;
    std::deque<std::move_only_function<void()>> next_syncs_;
    bool sync_failed_ = false;
    bool in_trouble_ = false;  // and that was told
    std::move_only_function<void()> on_unsaved_;
};

}  // namespace spate::piece_store
