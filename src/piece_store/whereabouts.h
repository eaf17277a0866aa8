// Whereabouts: where the files of one store are, by folder and name, and how they go elsewhere
// (FileMove does it). A saved state says first what is going to be done, so that a kill meanwhile
// leaves no file that no state knows. Between a move and the word of it no piece is written and nothing
// synced: no state may claim what only one of the two places has. (A change of what is wanted may make files
// then: they go along if the move is taken back; a kill just then leaves them where they are.) One move at a
// time, and no rename while there is one. Owner: PieceStore. Thread: the reactor's.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "io/world.h"
#include "piece_store/claims.h"
#include "piece_store/file_set.h"
#include "piece_store/sync_queue.h"

namespace spate::piece_store {

class WhereaboutsOwner {
  public:
    virtual ~WhereaboutsOwner() = default;
    // A state should say something new of them soon.
    virtual void on_to_be_said() = 0;
    // The files changed, or are what they were.
    virtual void on_files_changed() = 0;
    // From now on they are in_between().
    virtual void on_move_begun() = 0;
    // They are where they were; of those files copies were written to, which are gone.
    virtual void on_brought_back(std::span<const metainfo::FileIndex> copies, const Error& why) = 0;
    virtual void on_move_failed() = 0;
    virtual void on_move_ended() = 0;  // well or not
};

class Whereabouts final : public std::enable_shared_from_this<Whereabouts> {
  public:
    using Done = std::move_only_function<void(Result<void>)>;
    using Say = std::move_only_function<void(Done)>;  // PieceStore::move_to()

    // claims, syncs and owner outlive it, or it is detached first.
    Whereabouts(io::World& world, std::shared_ptr<FileSet> files, const StoreOptions& options, Claims& claims,
                SyncQueue& syncs, WhereaboutsOwner& owner);
    Whereabouts(const Whereabouts&) = delete;
    Whereabouts& operator=(const Whereabouts&) = delete;
    void detach() { owner_ = nullptr; }

    // As the files were found.
    void begin(std::map<metainfo::FileIndex, std::string> renamed) { renamed_ = std::move(renamed); }
    const std::string& folder() const { return folder_; }
    std::string path_of(metainfo::FileIndex file) const;  // below the folder
    const std::map<metainfo::FileIndex, std::string>& renamed() const { return renamed_; }

    void move_to(std::string folder, Say say, Done done);
    bool moving() const { return move_.has_value(); }
    bool in_between() const { return move_ && move_->begun; }
    void rename_file(metainfo::FileIndex file, std::string path, Done done);

  private:
    struct Move {
        std::string folder;
        Say say;
        Done done;
        bool begun = false;
    };
    bool must_say() const { return claims_.any() && !read_only_; }
    void answer_later(Done done, Result<void> result);
    Error busy(const char* operation) const;
    void rename_now(metainfo::FileIndex file, const std::string& path, Done done);
    void rename_when(const Result<void>& saved, metainfo::FileIndex file, const std::string& path, Done done);
    void begin_move();
    void on_moved(const Result<void>& moved);
    void on_said(const Result<void>& said);
    void on_back(const FileMove::BroughtBack& back, const Error& why);
    void end_move(Result<void> result);

    io::World& world_;
    const std::shared_ptr<FileSet> files_;
    const bool read_only_;
    Claims& claims_;
    SyncQueue& syncs_;
    WhereaboutsOwner* owner_;
    std::string folder_;
    std::map<metainfo::FileIndex, std::string> renamed_;  // paths that are not the torrent's
    std::optional<Move> move_;
};

}  // namespace spate::piece_store
