// TorrentLoader: what the resume database knows of torrents, for those that start and those that wake up:
// rows are read many at a time, metainfo is parsed in the pool, and of a torrent that may be whole the files
// are looked at there too, so that it needs no store. Limits: batch_max torrents a batch, batches_max batches
// under way; as many wait as the session has torrents. Owner: Session. Thread: the reactor's.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "engine/add_torrent.h"
#include "io/world.h"
#include "piece_store/resources.h"
#include "piece_store/resume_database.h"

namespace spate::engine {

struct LoadRequest {
    TorrentId id;
    metainfo::InfoHash hash;
    std::shared_ptr<const metainfo::Metainfo> metainfo{};  // null: the database may have it
    bool may_be_whole = false;                             // look at its files
    std::string folder{};
    OnDisk on_disk = OnDisk::resume;
    bool read_only = false;
};

struct LoadedTorrent {
    TorrentId id;
    std::shared_ptr<const metainfo::Metainfo> metainfo{};  // null: nobody knows it
    std::optional<piece_store::ResumeRow> row{};           // of one that is not whole
    bool whole = false;                                    // all its files are there, and its row says so
};

class TorrentLoader {
  public:
    static constexpr std::size_t batch_max = 64;
    static constexpr std::size_t batches_max = 4;
    using Deliver = std::function<void(LoadedTorrent)>;

    // deliver: for each request once, in a later turn.
    TorrentLoader(io::World& world, piece_store::Resources& resources, Log& log, Deliver deliver);
    ~TorrentLoader();

    // From now on requests are worked on. Null: no resume state is kept.
    void open(piece_store::ResumeDatabase* database);
    void request(LoadRequest request);

  private:
    class Batch;
    void go_on();
    void on_rows(std::shared_ptr<Batch> batch,
                 Result<std::vector<std::optional<piece_store::ResumeRow>>> rows);
    void on_looked(std::shared_ptr<Batch> batch);
    void finish(Batch& batch);

    io::World& world_;
    piece_store::Resources& resources_;
    Log& log_;
    Deliver deliver_;
    piece_store::ResumeDatabase* database_ = nullptr;
    bool open_ = false;
    std::deque<LoadRequest> waiting_;
    std::size_t batches_ = 0;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace spate::engine
