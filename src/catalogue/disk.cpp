#include "catalogue/disk.h"

namespace spate::catalogue {

namespace {

// Inside the folder of the .track files, whose names all end otherwise.
constexpr std::string_view state_name = ".spate";

}  // namespace

Result<std::shared_ptr<Disk>> Disk::open(io::Files& files, const std::string& folder) {
    auto view = files.open_folder(folder, io::IfMissing::make);
    if (!view) return fail(std::move(view.error()));
    if (auto made = (*view)->make_folder(state_name); !made) return fail(std::move(made.error()));
    // Every time: whoever made it may have ended before this.
    if (auto synced = (*view)->sync({}); !synced) return fail(std::move(synced.error()));
    auto state = storage::StateFolder::open(files, folder + "/" + std::string(state_name));
    if (!state) return fail(std::move(state.error()));
    return std::make_shared<Disk>(std::move(*view), std::move(*state), std::nullopt);
}

Result<Catalogue> Disk::reopen() {
    store.reset();
    auto opened = CatalogueStore::open(state.folder());
    if (!opened) return fail(std::move(opened.error()));
    auto loaded = opened->load();
    if (loaded) store.emplace(std::move(*opened));
    return loaded;
}

}  // namespace spate::catalogue
