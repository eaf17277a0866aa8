#include "sim/files.h"

#include <cerrno>
#include <vector>

#include "sim/folder.h"

namespace spate::sim {

namespace {

constexpr int links_max = 40;

// First component off the front of `rest`.
std::string take_component(std::string& rest) {
    const auto start = rest.find_first_not_of('/');
    if (start == rest.npos) {
        rest.clear();
        return {};
    }
    const auto end = rest.find('/', start);
    auto name = rest.substr(start, end - start);
    rest = end == rest.npos ? std::string() : rest.substr(end);
    return name;
}

}  // namespace

Result<std::unique_ptr<io::Folder>> SimFiles::open_folder(const std::string& path, io::IfMissing if_missing) {
    const std::string operation = "open folder";
    const auto refuse = [&](int code) { return fail(Error::system(code, operation, path)); };
    const auto call = if_missing == io::IfMissing::make ? DiskCall::change : DiskCall::open;
    if (auto begun = disk_.begin(*life_, call, operation, path); !begun)
        return fail(std::move(begun.error()));
    if (path.empty()) return refuse(ENOENT);
    std::vector<std::shared_ptr<Inode>> way{disk_.root()};
    std::string rest = path;
    for (int links = 0;;) {
        const auto name = take_component(rest);
        if (name.empty()) break;
        if (name == ".") continue;
        if (name == "..") {
            if (way.size() > 1) way.pop_back();
            continue;
        }
        const auto& here = way.back();
        const auto found = here->entries.find(name);
        if (found == here->entries.end()) {
            if (if_missing == io::IfMissing::fail) return refuse(ENOENT);
            auto made = disk_.make_inode(InodeKind::folder);
            disk_.set_entry(here, name, made);
            // Nobody has a handle to sync the folders above by: they count as durable.
            disk_.sync_folder(*here);
            way.push_back(std::move(made));
        } else if (found->second->kind == InodeKind::link) {
            if (++links > links_max) return refuse(ELOOP);
            const auto& target = found->second->target;
            if (target.starts_with('/')) way.resize(1);
            rest.insert(0, target);
        } else if (found->second->kind != InodeKind::folder) {
            return refuse(ENOTDIR);
        } else {
            way.push_back(found->second);
        }
    }
    return std::make_unique<SimFolder>(disk_, life_, way.back(), path);
}

}  // namespace spate::sim
