// CatalogueStore: the catalogue in a SQLite database (docs/formats/catalogue.md has the schema). A batch is
// one transaction; one that makes, publishes or removes an entry is synced to the disk, as whoever asked will
// not say it again; one of peers only survives kill -9 but perhaps not a power cut, as peers repeat
// themselves. Metainfo stays on the disk and is read when it is asked for. After a failed
// commit() the disk may hold the batch or not: close the store and open it again to know. Blocking: pool jobs
// and the program's start. Thread: one at a time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "catalogue/catalogue.h"
#include "io/files.h"
#include "storage/database.h"

namespace spate::catalogue {

class CatalogueStore {
  public:
    static constexpr std::string_view file_name = "catalogue.db";

    static const storage::DatabaseOptions& database_options();

    // `folder` outlives the store; removed_max: Limits::removed_names. A database that cannot be trusted is
    // refused (storage/database.h).
    static Result<CatalogueStore> open(io::Folder& folder, std::size_t removed_max);

    // Everything. Rows that break a rule of the catalogue are an error.
    Result<Catalogue> load();

    Result<void> commit(const Changes& changes);

    // The metainfo published under that name. no_such_file_or_directory: none is.
    Result<std::string> metainfo(std::string_view name);

  private:
    CatalogueStore(storage::Database database, std::vector<storage::Statement> statements,
                   std::size_t removed_max)
        : database_(std::move(database)), statements_(std::move(statements)), removed_max_(removed_max) {}

    Result<void> write(const Changes& changes);
    Result<void> write_change(const Change& change);
    Result<void> write_entry(const Entry& entry, std::size_t which);
    Result<void> write_published(const Change& change);
    Result<void> put_published(const std::string& name, const Published& published);
    Result<void> write_peers(const Change& change);
    Result<void> put(const std::string& entry, const Peer& peer);
    Result<void> remove(const std::string& entry, const Peer& peer);
    Result<void> write_removed(const std::vector<RemovedName>& removed);
    Result<void> write_bare(const BareTrackers& bare);
    storage::Statement& statement(std::size_t which) { return statements_[which]; }

    storage::Database database_;
    std::vector<storage::Statement> statements_;  // gone before the database
    std::size_t removed_max_;
};

}  // namespace spate::catalogue
