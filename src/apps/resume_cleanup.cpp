#include "apps/resume_cleanup.h"

#include <optional>

#include "apps/torrent_file.h"
#include "io/linux/loop.h"
#include "piece_store/resume_database.h"
#include "storage/state_folder.h"

namespace spate::apps {
namespace {

using piece_store::ResumeDatabase;

// Whether nothing is left in it.
Result<bool> forget(io_linux::Loop& loop, const std::string& state_folder,
                    const std::vector<std::string>& keys) {
    auto world = loop.world();
    std::optional<Result<bool>> answer;
    ResumeDatabase database(world);
    const auto end_with = [&](Result<bool> result) {
        answer = std::move(result);
        loop.stop();
    };
    database.open(state_folder, [&](const Result<ResumeDatabase::Opened>& opened) {
        if (!opened) return end_with(fail(opened.error()));
        for (const auto& key : keys)
            database.remove(key, [&](const Result<void>& removed) {
                if (!removed && !answer) end_with(fail(removed.error()));
            });
        database.count([&](const Result<std::int64_t>& rows) {  // after those
            if (!answer) rows ? end_with(*rows == 0) : end_with(fail(rows.error()));
        });
    });
    loop.run();
    return std::move(*answer);
}

Result<void> remove_folder(io::Files& files, const std::string& path) {
    {
        auto state = storage::StateFolder::open(files, path);
        if (!state) return fail(state.error());
        const auto items = state->folder().list("");
        if (!items) return fail(items.error());
        for (const auto& item : *items)
            if (auto removed = state->folder().remove(item.name); !removed) return removed;
    }
    const auto split = split_path(path);
    if (!split) return fail(split.error());
    auto above = files.open_folder(split->folder, io::IfMissing::fail);
    if (!above) return fail(above.error());
    return (*above)->remove(split->name);
}

}  // namespace

bool is_in_use(io::Files& files, const std::string& state_folder) {
    if (!is_there(state_folder)) return false;
    const auto state = storage::StateFolder::open(files, state_folder);
    return !state && state.error().is(std::errc::device_or_resource_busy);
}

Result<void> forget_downloads(const std::string& state_folder, const std::vector<std::string>& keys) {
    if (keys.empty() || !is_there(state_folder)) return {};
    io_linux::Loop loop(1);
    const auto is_empty = forget(loop, state_folder, keys);
    if (!is_empty) return fail(is_empty.error());
    return *is_empty ? remove_folder(loop.world().files, state_folder) : Result<void>();
}

}  // namespace spate::apps
