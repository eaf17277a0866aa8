// Disk: the catalogue's folder and the database in it, owned together so that a pool job under way keeps
// both, and the folder's lock, alive when the service is gone. Blocking: pool jobs; those that need the
// database take turns.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/result.h"
#include "catalogue/store.h"
#include "io/files.h"
#include "storage/state_folder.h"

namespace spate::catalogue {

class Disk {
  public:
    // Takes the lock; the store is not opened yet.
    static Result<std::shared_ptr<Disk>> open(io::Files& files, const std::string& folder,
                                              std::size_t removed_max);
    Disk(std::unique_ptr<io::Folder> view_folder, storage::StateFolder state_folder,
         std::size_t removed_names_max)
        : view(std::move(view_folder)), state(std::move(state_folder)), removed_max(removed_names_max) {}

    // The database's file is there and has nothing in it: it was cut to nothing, unless a first start was.
    bool has_empty_database();
    // Closes the store if it is open, opens it and loads everything.
    Result<Catalogue> reopen();
    Result<void> commit(const Changes& changes);
    // The metainfo of that name if it is the one with that digest; else no_such_file_or_directory.
    Result<std::string> metainfo(const std::string& name, const hash::Sha256& digest);

    std::unique_ptr<io::Folder> view;  // where people find the .track files
    storage::StateFolder state;        // where the database is

  private:
    std::size_t removed_max;
    std::mutex turn;
    std::optional<CatalogueStore> store;
};

}  // namespace spate::catalogue
