// Creation: a .torrent made from a file or a folder. Looks through the tree, hashes every piece on the pool,
// and looks at every file again: one that changed meanwhile (size or time) is an error, not a torrent that
// nobody can verify. A file added to a folder meanwhile is not part of it.
// Thread: the reactor's. Memory: HashPlan::memory_max for content, besides the torrent itself.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "creation/file_tree.h"
#include "creation/progress.h"
#include "io/files.h"
#include "io/work_pool.h"
#include "metainfo/info_hash.h"
#include "metainfo/torrent_writer.h"

namespace spate::creation {

struct CreateRequest {
    std::string path;  // a file or a folder
    std::string name;  // of the torrent; single file: the name it will have
    metainfo::TorrentVersion version = metainfo::TorrentVersion::v1;
    std::uint64_t piece_length = 0;  // 0: metainfo::default_piece_length
    bool private_torrent = false;
    std::string source = {};
    std::vector<std::vector<std::string>> trackers = {};
    std::vector<std::string> web_seeds = {};
    std::optional<std::int64_t> creation_date = {};
    std::string comment = {};
    std::string created_by = {};
    unsigned jobs = 1;  // cores to use
};

struct Created {
    std::string torrent;
    metainfo::InfoHash hash;
    std::uint64_t total_size = 0;
    std::uint64_t piece_length = 0;
    std::uint32_t pieces = 0;
    std::size_t files = 0;
    std::vector<std::string> notes;  // what was left out; not yet printable()
    std::vector<FoundFile> found;    // as they were when they were hashed
};

class Creation {
  public:
    using OnDone = std::move_only_function<void(Result<Created>)>;

    // files and pool outlive this. on_done runs once, in a later turn; it may destroy the creation.
    // Destroying it earlier stops it.
    Creation(io::Files& files, io::WorkPool& pool, CreateRequest request, OnDone on_done);
    Creation(const Creation&) = delete;
    Creation& operator=(const Creation&) = delete;
    ~Creation();

    Progress progress() const;

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace spate::creation
