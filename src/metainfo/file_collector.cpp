#include "metainfo/file_collector.h"

#include <unordered_map>

#include "metainfo/limits.h"

namespace spate::metainfo {

namespace {

std::string joined(std::string_view root, std::span<const std::string_view> components) {
    std::string path(root);
    for (const auto component : components) {
        if (path.size() > renamed_bytes_max) break;
        if (!path.empty()) path += '/';
        path += component.substr(0, renamed_bytes_max);
    }
    return path.substr(0, renamed_bytes_max);
}

}  // namespace

Result<void> FileCollector::add(std::span<const std::string_view> components, const ListedFile& listed) {
    File file{
        .size = listed.size, .attributes = listed.attributes, .path = {}, .pieces_root = listed.pieces_root};
    const FileIndex index(static_cast<std::uint32_t>(files_.size()));
    if (listed.attributes.pad) {
        file.path = (root_.empty() ? "" : root_ + "/") + ".pad/" + std::to_string(listed.size);
        files_.push_back(std::move(file));
        return {};
    }
    auto path = paths_.add(components);
    if (!path) return fail(std::move(path.error()));
    file.path = std::move(*path);
    if (renamed_.size() < renamed_count_max) {
        auto original = joined(root_, components);
        if (original != file.path) renamed_.push_back({index, std::move(original)});
    }
    if (listed.link) links_.push_back({index, *listed.link});
    files_.push_back(std::move(file));
    return {};
}

std::vector<Symlink> FileCollector::resolve_links() const {
    std::vector<Symlink> resolved;
    std::unordered_map<std::string_view, std::size_t> link_at;  // by the link's own path
    for (const auto& link : links_) {
        std::vector<std::string_view> components;
        for (const auto element : link.target) components.push_back(*element.string());
        auto target = paths_.find(components);
        link_at.emplace(files_[link.file.value].path, resolved.size());
        const auto state = target ? LinkTarget::inside : LinkTarget::missing;
        resolved.push_back({link.file, target.value_or(""), state});
    }
    for (std::size_t i = 0; i < resolved.size(); ++i) {
        auto at = i;
        for (std::size_t steps = 0; resolved[i].state == LinkTarget::inside; ++steps) {
            const auto& target = resolved[at].target;
            const auto next = link_at.find(target);
            // A link to a folder around it makes an endless tree.
            const bool around = files_[resolved[at].file.value].path.starts_with(target + "/");
            if (around || (next != link_at.end() && steps == link_steps_max))
                resolved[i].state = LinkTarget::endless;
            if (next == link_at.end()) break;
            at = next->second;
            if (resolved[at].state == LinkTarget::missing) resolved[i].state = LinkTarget::missing;
        }
    }
    return resolved;
}

}  // namespace spate::metainfo
