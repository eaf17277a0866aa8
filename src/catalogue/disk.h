// Disk: the catalogue's folder and the database in it, owned together so that a pool job under way keeps
// both, and the folder's lock, alive when the service is gone. Blocking. Thread: each member one job at a
// time.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "catalogue/store.h"
#include "io/files.h"
#include "storage/state_folder.h"

namespace spate::catalogue {

struct Disk {
    // Takes the lock; the store is not opened yet.
    static Result<std::shared_ptr<Disk>> open(io::Files& files, const std::string& folder);

    // Closes the store if it is open, opens it and loads everything.
    Result<Catalogue> reopen();

    std::unique_ptr<io::Folder> view;  // where people find the .track files
    storage::StateFolder state;        // where the database is
    std::optional<CatalogueStore> store;
};

}  // namespace spate::catalogue
