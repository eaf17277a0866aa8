#include "piece_store/whole_files.h"

#include <algorithm>

#include "piece_store/file_set.h"

namespace spate::piece_store {
namespace {

bool says_all_is_settled(const StoredState& state) {
    return state.have.all() && std::ranges::all_of(state.wanted, [](bool wanted) { return wanted; }) &&
           std::ranges::none_of(
               state.stamps, [](const FileStamp& stamp) { return stamp.state == FileStamp::State::in_work; });
}

}  // namespace

std::optional<StoredState> find_whole(io::Files& files, const std::shared_ptr<FileHandles>& handles,
                                      const StoreOptions& options) {
    const bool by_state = options.trust == Trust::resume;
    if (options.trust == Trust::none || (by_state && !options.state)) return std::nullopt;
    if (by_state && !says_all_is_settled(*options.state)) return std::nullopt;
    auto looking = options;
    looking.read_only = options.read_only || by_state;
    FileSet set(files, handles, looking);
    auto found = set.open(options.trust, options.state);
    if (!found || !found->have.all() || !found->unchecked.none()) return std::nullopt;
    if (by_state) return options.state;
    auto synced = set.sync({.have = found->have, .unchecked = found->unchecked}, true);
    if (!synced.failed.empty() || synced.names || !synced.settled) return std::nullopt;
    return std::move(synced.state);
}

}  // namespace spate::piece_store
