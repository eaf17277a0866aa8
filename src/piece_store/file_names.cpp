#include "piece_store/file_names.h"

#include <utility>

#include "storage/file_name.h"

namespace spate::piece_store {
namespace {

using metainfo::FileIndex;

std::string part_file_name(const std::string& name) {
    // A byte longer than ".parts", to leave room for the dot in front.
    auto part = storage::with_suffix(storage::clean_file_name(name), ".parts~");
    part.pop_back();
    return "." + part;
}

}  // namespace

std::string parent_path(const std::string& path) {
    const auto slash = path.rfind('/');
    return slash == path.npos ? std::string() : path.substr(0, slash);
}

FileNames::FileNames(std::shared_ptr<const metainfo::Metainfo> metainfo)
    : metainfo_(std::move(metainfo)), part_name_(part_file_name(metainfo_->info.name)) {}

FileIndex FileNames::part_file() const {
    return FileIndex(static_cast<std::uint32_t>(layout().files().size()));
}

bool FileNames::on_disk(FileIndex file) const {
    return file == part_file() ||
           (!layout().file(file).attributes.pad && !layout().file(file).attributes.symlink);
}

std::uint64_t FileNames::size_of(FileIndex file) const {
    return file == part_file() ? layout().end() : layout().file(file).size;
}

std::string FileNames::path_of(FileIndex file) const {
    if (file == part_file()) return part_name_;
    const auto found = renamed_.find(file);
    return found == renamed_.end() ? layout().file(file).path : found->second;
}

bool FileNames::is_taken(const std::string& path, FileIndex by) const {
    for (FileIndex other; other <= part_file(); ++other) {
        if (other == by || !on_disk(other)) continue;
        const auto taken = path_of(other);
        if (taken == path || taken.starts_with(path + "/") || path.starts_with(taken + "/")) return true;
    }
    return false;
}

std::set<std::string, std::greater<>> FileNames::folders() const {
    std::set<std::string, std::greater<>> above;
    for (FileIndex file; file < part_file(); ++file) {
        if (!on_disk(file)) continue;
        for (auto path = parent_path(path_of(file)); !path.empty(); path = parent_path(path))
            if (!above.insert(path).second) break;
    }
    return above;
}

void IntendedNames::rename(FileIndex file, const std::string& path) {
    const std::lock_guard guard(mutex_);
    renaming_[file] = path;
}

void IntendedNames::give_up_rename(FileIndex file) {
    const std::lock_guard guard(mutex_);
    renaming_.erase(file);
}

void IntendedNames::move_to(const std::string& folder) {
    const std::lock_guard guard(mutex_);
    moving_ = folder;
}

void IntendedNames::put_into(StoredState& state) const {
    const std::lock_guard guard(mutex_);
    state.renaming = renaming_;
    state.moving = moving_;
}

}  // namespace spate::piece_store
