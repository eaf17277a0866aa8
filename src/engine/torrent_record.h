// TorrentRecord: a torrent's row in the resume database. It must be there before checkpoints may speak of its
// files; one that cannot be stored is tried again (ContentWait), and the torrent goes on without. A session
// that keeps no resume state has none. Owner: Torrent. Thread: the reactor's.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "engine/content_wait.h"
#include "engine/session_share.h"
#include "metainfo/metainfo.h"
#include "piece_store/checkpoints.h"
#include "piece_store/resume_database.h"

namespace spate::engine {

class TorrentRecordOwner {
  public:
    virtual ~TorrentRecordOwner() = default;
    // Payload bytes of this run.
    virtual piece_store::Checkpoints::Totals on_totals_asked() = 0;
    virtual void on_record_kept() = 0;
    // Each time that it could not be stored; first: since it could.
    virtual void on_record_not_kept(const Error& error, bool first) = 0;
};

class TorrentRecord {
  public:
    using Done = std::move_only_function<void(Result<void>)>;

    TorrentRecord(SessionShare& share, std::string key, TorrentRecordOwner& owner)
        : share_(share), key_(std::move(key)), owner_(owner) {}
    ~TorrentRecord();
    TorrentRecord(const TorrentRecord&) = delete;
    TorrentRecord& operator=(const TorrentRecord&) = delete;

    // What an earlier run left. Before keep().
    void found(std::optional<piece_store::ResumeRow> row) { row_ = std::move(row); }
    // A state in it may claim pieces of the files in that folder.
    bool claims(const std::string& folder) const { return is_of(folder) && !row_->state.empty(); }
    std::optional<piece_store::StoredState> state(const std::string& folder,
                                                  const metainfo::FileLayout& layout) const;

    // store: outlives it, or leave() is called first.
    void keep(piece_store::PieceStore& store, const std::string& folder, const metainfo::Metainfo& metainfo);
    void leave();
    // Whether keep() is to be tried again now.
    bool begin_try(TimePoint now) { return wait_.begin_try(now); }
    bool kept() const { return phase_ == Phase::kept; }
    bool storing() const { return phase_ == Phase::storing; }

    // Syncs the files, and saves the state that says so where one is kept.
    void sync(piece_store::PieceStore& store, Done done);
    // What is on disk is saved then, if a state is kept. In a later turn.
    void flush(Done done);
    // The files are there now.
    void set_folder(std::string folder, Done done);

  private:
    bool is_of(const std::string& folder) const { return row_ && row_->folder == folder; }
    void on_stored(const Result<void>& stored, const piece_store::Checkpoints::Totals& before);

    SessionShare& share_;
    const std::string key_;
    TorrentRecordOwner& owner_;
    std::optional<piece_store::ResumeRow> row_;  // of an earlier run, until it is stored
    piece_store::PieceStore* store_ = nullptr;
    ContentWait wait_;
    enum class Phase : std::uint8_t { none, storing, kept } phase_ = Phase::none;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace spate::engine
