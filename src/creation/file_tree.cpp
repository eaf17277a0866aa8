#include "creation/file_tree.h"

#include <utility>

#include "metainfo/limits.h"

namespace spate::creation {
namespace {

class Walk {
  public:
    Walk(FileTree& tree, const std::atomic<bool>& stop) : tree_(tree), stop_(stop) {}

    // Depth is bounded by path_depth_max.
    Result<void> folder(std::vector<std::string>& components) {
        if (stop_)
            return fail(Error::invalid("look through", path(components), "it was stopped",
                                       std::errc::operation_canceled));
        if (components.size() >= metainfo::path_depth_max)
            return refuse(components,
                          "more than " + std::to_string(metainfo::path_depth_max) + " folders deep");
        auto items = tree_.folder->list(joined(components));
        if (!items) return fail(items.error());
        if (items->empty()) leave_out(components, "an empty folder, which a torrent cannot hold");
        for (auto& item : *items) {
            components.push_back(std::move(item.name));
            auto done = add(components, item.kind);
            components.pop_back();
            if (!done) return done;
        }
        return {};
    }

    void finish() {
        if (left_out_ > tree_.notes.size())
            tree_.notes.push_back(std::to_string(left_out_ - tree_.notes.size()) + " more left out");
    }

  private:
    Result<void> add(std::vector<std::string>& components, io::FileKind kind) {
        if (kind == io::FileKind::folder) return folder(components);
        if (kind == io::FileKind::other) {
            leave_out(components,
                      "a link or a special file; what a link leads to can be shared by its own path");
            return {};
        }
        if (tree_.files.size() >= metainfo::file_count_max)
            return refuse({}, "more than " + std::to_string(metainfo::file_count_max) + " files");
        const auto info = tree_.folder->info(joined(components));
        if (!info) return fail(info.error());
        tree_.files.push_back({components, info->size, info->modified, info->modified_ns});
        return {};
    }

    void leave_out(const std::vector<std::string>& components, const std::string& why) {
        if (++left_out_ <= notes_max) tree_.notes.push_back("left out " + path(components) + ": " + why);
    }
    static std::string joined(const std::vector<std::string>& components) {
        std::string text;
        for (const auto& component : components) {
            if (!text.empty()) text += '/';
            text += component;
        }
        return text;
    }
    std::string path(const std::vector<std::string>& components) const {
        return components.empty() ? tree_.folder->path() : tree_.folder->path() + "/" + joined(components);
    }
    Result<void> refuse(const std::vector<std::string>& components, std::string why) const {
        return fail(Error::invalid("look through", path(components), std::move(why)));
    }

    FileTree& tree_;
    const std::atomic<bool>& stop_;
    std::size_t left_out_ = 0;
};

}  // namespace

std::string FoundFile::joined() const {
    std::string text;
    for (const auto& component : path) {
        if (!text.empty()) text += '/';
        text += component;
    }
    return text;
}

Result<NamedPath> open_named(io::Files& files, const std::string& path) {
    auto folder = files.open_folder(path, io::IfMissing::fail);
    if (folder) return NamedPath{std::move(*folder), {}};
    if (!folder.error().is(std::errc::not_a_directory)) return fail(folder.error());
    const auto slash = path.rfind('/');
    std::string parent = slash == path.npos ? "." : path.substr(0, slash);
    if (parent.empty()) parent = "/";
    auto holder = files.open_folder(parent, io::IfMissing::fail);
    if (!holder) return fail(holder.error());
    return NamedPath{std::move(*holder), slash == path.npos ? path : path.substr(slash + 1)};
}

Result<void> check_unchanged(io::Folder& folder, const std::vector<FoundFile>& files,
                             const std::atomic<bool>& stop) {
    for (const auto& file : files) {
        if (stop) break;
        const auto path = file.joined();
        const auto info = folder.info(path);
        if (!info) return fail(info.error());
        const FoundFile now{file.path, info->size, info->modified, info->modified_ns};
        if (info->kind != io::FileKind::file || now != file)
            return fail(Error::invalid("hash", path, "it changed meanwhile",
                                       std::errc::resource_unavailable_try_again));
    }
    return {};
}

Result<FileTree> walk(io::Files& files, const std::string& path, const std::atomic<bool>& stop) {
    auto named = open_named(files, path);
    if (!named) return fail(named.error());
    FileTree tree;
    tree.folder = std::move(named->folder);
    if (!named->file.empty()) {
        const auto info = tree.folder->info(named->file);
        if (!info) return fail(info.error());
        if (info->kind != io::FileKind::file)
            return fail(Error::invalid(
                "read", path, "it is neither a file nor a folder; of a link, name what it leads to"));
        tree.single_file = true;
        tree.files.push_back({{named->file}, info->size, info->modified, info->modified_ns});
        return tree;
    }
    Walk looking(tree, stop);
    std::vector<std::string> components;
    if (auto done = looking.folder(components); !done) return fail(done.error());
    looking.finish();
    return tree;
}

}  // namespace spate::creation
