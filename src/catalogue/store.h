// CatalogueStore: the catalogue in a SQLite database (docs/formats/catalogue.md has the schema). A batch is
// one transaction; one that makes an entry is synced to the disk, as its creator will not say it again; one
// of peers only survives kill -9 but perhaps not a power cut, as peers repeat themselves. After a failed
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

    // `folder` outlives the store. A database that cannot be trusted is refused (storage/database.h).
    static Result<CatalogueStore> open(io::Folder& folder);

    // Everything. Rows that break a rule of the catalogue are an error.
    Result<Catalogue> load();

    Result<void> commit(const Changes& changes);

  private:
    CatalogueStore(storage::Database database, std::vector<storage::Statement> statements)
        : database_(std::move(database)), statements_(std::move(statements)) {}

    Result<void> write(const Changes& changes);
    Result<void> write_entry(const Entry& entry);
    Result<void> write_peers(const Change& change);
    Result<void> put(const std::string& entry, const Peer& peer);
    Result<void> remove(const std::string& entry, const Peer& peer);
    Result<void> write_bare(const BareTrackers& bare);
    storage::Statement& statement(std::size_t which) { return statements_[which]; }

    storage::Database database_;
    std::vector<storage::Statement> statements_;  // gone before the database
};

}  // namespace spate::catalogue
