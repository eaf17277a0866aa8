// PieceStore::Impl: puts together what is known of a torrent's files (HeldPieces: what is there; Doubts: what
// may be; Claims: what saved states say; SyncQueue: what none says yet; Whereabouts: where they are) and who
// does the work (PieceIntake, PieceReader, ContentCheck, FileSet). Itself it sees to it that what one of them
// learns of a loss or of the disk reaches the others. Owner: PieceStore. Thread: the reactor's.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "piece_store/claims.h"
#include "piece_store/content_check.h"
#include "piece_store/doubts.h"
#include "piece_store/held_pieces.h"
#include "piece_store/piece_intake.h"
#include "piece_store/piece_reader.h"
#include "piece_store/piece_store.h"
#include "piece_store/sync_queue.h"
#include "piece_store/whereabouts.h"

namespace spate::piece_store {

class PieceStore::Impl final : public std::enable_shared_from_this<PieceStore::Impl>,
                               public IntakeOwner,
                               public ReaderOwner,
                               public CheckOwner,
                               public WhereaboutsOwner {
  public:
    using SyncDone = std::move_only_function<void(Result<StoredState>)>;

    Impl(io::World& world, Resources& resources, StoreEvents& events, StoreOptions options);

    void detach();
    void open(std::move_only_function<void(Result<Opened>)> done);
    void check(Done done);
    void select(std::vector<bool> wanted, Done done);
    void remove_files(Done done);

    const metainfo::FileLayout& layout() const { return options_.metainfo->info.layout; }
    const metainfo::Bitfield& have() const { return held_.have(); }
    PieceIntake& intake() { return *intake_; }
    PieceReader& reader() { return *reader_; }
    Resources& resources() { return resources_; }
    const Doubts& doubts() const { return doubts_; }
    ContentCheck* content_check() { return check_.get(); }
    Whereabouts& where() { return *where_; }
    io::Reactor& reactor() { return world_.reactor; }

    // piece_store_sync.cpp
    bool unsynced() const { return (syncs_.changed() && may_claim()) || syncs_.under_way(); }
    bool waits_for_state() const { return claims_.waiting(); }
    void sync(Closing closing, SyncDone done);
    void hurry_sync() { syncs_.hurry(); }
    std::optional<StoredState> take_baseline();
    void saved();
    void not_saved(const Error& error);
    void set_on_unsaved(std::move_only_function<void()> on_unsaved);
    bool retry();

  private:
    void on_opened(const FoundFiles& found, std::uint32_t claimed, bool fresh);
    Result<void> nothing_foreign();
    StoredState state_of(const FoundFiles& found) const;
    StoredState state_of_pieces() const;
    void on_pieces_decided(std::span<const PieceVerdict> verdicts) override;
    void on_flush_begun(metainfo::PieceIndex piece) override;
    void on_flushed() override;
    void on_read_failed(metainfo::PieceIndex piece, const ReadError& error) override;
    metainfo::Bitfield on_check_begun() override;
    void on_checked(std::span<const metainfo::PieceIndex> pieces) override;
    void on_unread(metainfo::PieceIndex piece, const Error& why) override { doubts_.add_unread(piece, why); }
    void on_check_done(Done done) override;
    void add(metainfo::PieceIndex piece);
    void end_doubt(metainfo::PieceIndex piece);
    template <class Job>
    void change_files(Job job, Done done);

    void on_to_be_said() override;
    void on_files_changed() override;
    void on_move_begun() override { update_hold(); }
    void on_brought_back(std::span<const metainfo::FileIndex> copies, const Error& why) override;
    void on_move_failed() override { lose_spoiled(); }
    void on_move_ended() override;

    // piece_store_sync.cpp
    void update_hold() { intake_->hold(claims_.hold() || where_->in_between()); }
    void on_write_failed(const Error& error) override;
    // No state may make ours what is somebody else's, or speak of files that nobody has looked at, or that
    // are neither here nor there.
    bool may_claim() const { return doubts_.all_ours() && !where_->in_between(); }
    void note_loss();
    void lose_spoiled();
    enum class Claim : bool { none, saved };  // whether a saved state may have them
    void lose(const std::vector<metainfo::PieceIndex>& pieces, const Error& why, Claim claim);
    std::vector<metainfo::PieceIndex> pieces_of(metainfo::FileIndex file,
                                                const metainfo::Bitfield& among) const;
    void give_up_unfinished(std::span<const metainfo::FileIndex> files, const Error& why);
    void begin_sync(Closing closing, SyncDone done);
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
    HeldPieces held_;
    Doubts doubts_;
    Claims claims_;
    SyncQueue syncs_;
    const std::shared_ptr<Whereabouts> where_;
    const std::shared_ptr<PieceIntake> intake_;
    const std::shared_ptr<PieceReader> reader_;
    std::shared_ptr<ContentCheck> check_;  // under way
    bool in_trouble_ = false;              // and that was told
};

}  // namespace spate::piece_store
