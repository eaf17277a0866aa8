#include "catalogue/disk.h"

#include <cerrno>

#include "base/assert.h"
#include "catalogue/catalogue_service.h"
#include "hash/digest.h"

namespace spate::catalogue {

namespace {

// Inside the folder of the .track files, whose names all end otherwise.
constexpr std::string_view state_name = ".spate";

}  // namespace

std::string state_folder_of(const std::string& folder) {
    return folder + "/" + std::string(state_name);
}

Result<std::shared_ptr<Disk>> Disk::open(io::Files& files, const std::string& folder,
                                         std::size_t removed_max) {
    auto view = files.open_folder(folder, io::IfMissing::make);
    if (!view) return fail(std::move(view.error()));
    if (auto made = (*view)->make_folder(state_name); !made) return fail(std::move(made.error()));
    // Every time: whoever made it may have ended before this.
    if (auto synced = (*view)->sync({}); !synced) return fail(std::move(synced.error()));
    auto state = storage::StateFolder::open(files, state_folder_of(folder));
    if (!state) return fail(std::move(state.error()));
    return std::make_shared<Disk>(std::move(*view), std::move(*state), removed_max);
}

bool Disk::has_empty_database() {
    const std::string name(CatalogueStore::file_name);
    const auto file = state.folder().info(name);
    return file && file->size == 0 && !state.folder().info(name + "-wal") &&
           !state.folder().info(name + "-journal");
}

Result<Catalogue> Disk::reopen() {
    const std::lock_guard guard(turn);
    store.reset();
    auto opened = CatalogueStore::open(state.folder(), removed_max);
    if (!opened) return fail(std::move(opened.error()));
    auto loaded = opened->load();
    if (loaded) store.emplace(std::move(*opened));
    return loaded;
}

Result<void> Disk::commit(const Changes& changes) {
    const std::lock_guard guard(turn);
    SPATE_ASSERT(store.has_value());
    return store->commit(changes);
}

Result<std::string> Disk::metainfo(const std::string& name, const hash::Sha256& digest) {
    const std::lock_guard guard(turn);
    if (!store) return fail(Error::system(EAGAIN, "read the metainfo of", name));
    auto bytes = store->metainfo(name);
    // A batch may have replaced it since it was asked for.
    if (bytes && hash::sha256(as_bytes(*bytes)) != digest) {
        return fail(Error::system(ENOENT, "read the metainfo of", name));
    }
    return bytes;
}

}  // namespace spate::catalogue
