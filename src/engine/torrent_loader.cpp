#include "engine/torrent_loader.h"

#include <algorithm>
#include <utility>

#include "engine/torrent_bytes.h"
#include "piece_store/whole_files.h"

namespace spate::engine {
namespace {

using piece_store::ResumeRow;

// A magnet link may name a hybrid by one of its hashes.
bool is_named(const metainfo::InfoHash& torrent, const metainfo::InfoHash& by) {
    return (!by.v1 || by.v1 == torrent.v1) && (!by.v2 || by.v2 == torrent.v2);
}

}  // namespace

// Its work() runs in the pool and touches nothing else.
class TorrentLoader::Batch {
  public:
    std::vector<LoadRequest> requests;
    std::vector<LoadedTorrent> loaded;  // one for each
    std::vector<ResumeRow> new_rows;    // of torrents that were found whole for the first time

    void work(io::Files& files, const std::shared_ptr<piece_store::FileHandles>& handles) {
        for (std::size_t i = 0; i < requests.size(); ++i) {
            read_metainfo(requests[i], loaded[i]);
            if (requests[i].may_be_whole && loaded[i].metainfo) look(requests[i], loaded[i], files, handles);
        }
    }

  private:
    static void read_metainfo(const LoadRequest& request, LoadedTorrent& to) {
        to.metainfo = request.metainfo;
        if (to.metainfo || !to.row || to.row->metainfo.empty()) return;
        auto known = read_torrent_bytes(to.row->metainfo);
        if (known && is_named(known->info.hash, request.hash))
            to.metainfo = std::make_shared<const metainfo::Metainfo>(std::move(*known));
    }

    void look(const LoadRequest& request, LoadedTorrent& to, io::Files& files,
              const std::shared_ptr<piece_store::FileHandles>& handles) {
        piece_store::StoreOptions options;
        options.metainfo = to.metainfo;
        options.folder = request.folder;
        options.read_only = request.read_only;
        const bool by_state = request.on_disk == OnDisk::resume;
        options.trust = by_state ? piece_store::Trust::resume : piece_store::Trust::sizes;
        const bool same_place = to.row && to.row->folder == request.folder;
        if (by_state && same_place)
            options.state = piece_store::read_state(to.row->state, to.metainfo->info.layout);
        const auto state = piece_store::find_whole(files, handles, options);
        to.whole = state.has_value();
        if (!to.whole || by_state) return;
        if (!same_place) to.row.emplace();
        to.row->key = piece_store::resume_key(request.hash);
        to.row->folder = request.folder;
        to.row->metainfo = torrent_bytes(*to.metainfo);
        to.row->state = piece_store::write_state(*state);
        new_rows.push_back(*to.row);
    }
};

TorrentLoader::TorrentLoader(io::World& world, piece_store::Resources& resources, Log& log, Deliver deliver)
    : world_(world), resources_(resources), log_(log), deliver_(std::move(deliver)) {}

TorrentLoader::~TorrentLoader() {
    *alive_ = false;
}

void TorrentLoader::open(piece_store::ResumeDatabase* database) {
    database_ = database;
    open_ = true;
    go_on();
}

void TorrentLoader::request(LoadRequest request) {
    waiting_.push_back(std::move(request));
    // Those that are asked for in one turn share batches.
    world_.reactor.post([this, alive = alive_] {
        if (*alive) go_on();
    });
}

void TorrentLoader::go_on() {
    while (open_ && batches_ < batches_max && !waiting_.empty()) {
        ++batches_;
        auto batch = std::make_shared<Batch>();
        std::vector<std::string> keys;
        while (!waiting_.empty() && batch->requests.size() < batch_max) {
            batch->requests.push_back(std::move(waiting_.front()));
            waiting_.pop_front();
            const LoadRequest& request = batch->requests.back();
            batch->loaded.push_back({request.id, request.metainfo});
            keys.push_back(piece_store::resume_key(request.hash));
        }
        if (database_ == nullptr) return finish(*batch);
        database_->find_all_of(std::move(keys), [this, batch, alive = alive_](auto rows) {
            if (*alive) on_rows(batch, std::move(rows));
        });
    }
}

void TorrentLoader::on_rows(std::shared_ptr<Batch> batch,
                            Result<std::vector<std::optional<ResumeRow>>> rows) {
    if (!rows) log_.warning("resume state not read: " + rows.error().message());
    for (std::size_t i = 0; rows && i < batch->loaded.size(); ++i)
        batch->loaded[i].row = std::move((*rows)[i]);
    world_.pool.submit(
        [batch, &files = world_.files, handles = resources_.files()] { batch->work(files, handles); },
        [this, batch, alive = alive_] {
            if (*alive) on_looked(batch);
        });
}

// What is said to be whole must be in the database before a torrent's store is given up.
void TorrentLoader::on_looked(std::shared_ptr<Batch> batch) {
    if (batch->new_rows.empty()) return finish(*batch);
    database_->put_all(std::move(batch->new_rows), [this, batch, alive = alive_](const Result<void>& stored) {
        if (!*alive) return;
        if (!stored) {
            log_.warning("resume state not saved: " + stored.error().message());
            for (std::size_t i = 0; i < batch->loaded.size(); ++i)
                if (batch->requests[i].on_disk != OnDisk::resume) batch->loaded[i].whole = false;
        }
        finish(*batch);
    });
}

void TorrentLoader::finish(Batch& batch) {
    --batches_;
    const auto alive = alive_;
    for (LoadedTorrent& loaded : batch.loaded) {
        if (loaded.whole) loaded.row.reset();
        deliver_(std::move(loaded));
        if (!*alive) return;
    }
    go_on();
}

}  // namespace spate::engine
