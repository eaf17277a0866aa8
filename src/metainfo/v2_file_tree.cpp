// The v2 file tree (BEP 52).
#include <algorithm>

#include "base/printable.h"
#include "metainfo/limits.h"
#include "metainfo/listed_file.h"

namespace spate::metainfo {

namespace {

constexpr const char* tree_key = "info.file tree";

std::string shown(std::span<const std::string_view> components) {
    std::string path;
    for (const auto component : components) {
        if (path.size() > 200) return path + "/...";
        path += (path.empty() ? "" : "/") + printable(component, 100);
    }
    return path;
}

class TreeWalk {
  public:
    explicit TreeWalk(const VisitFile& visit) : visit_(visit) {}

    Result<void> run(bencode::Value root) {
        if (auto entered = enter(root); !entered) return entered;
        while (!open_.empty()) {
            Folder& top = open_.back();
            if (top.at == top.end) {
                open_.pop_back();
                if (!path_.empty()) path_.pop_back();
                continue;
            }
            const std::string_view key = *(*top.at).string();
            ++top.at;
            const bencode::Value value = *top.at;
            ++top.at;
            if (top.has_key && key <= top.last_key) return bad("entries are not in order");
            top.last_key = key;
            top.has_key = true;
            if (auto read = entry(key, value); !read) return read;
        }
        if (count_ == 0) return refuse(tree_key, "has no files");
        return {};
    }

  private:
    struct Folder {
        bencode::Elements::Iterator at;
        bencode::Elements::Iterator end;
        std::string_view last_key{};
        bool has_key = false;
    };

    Result<void> bad(const std::string& reason) const {
        return refuse(tree_key, (path_.empty() ? "" : shown(path_) + ": ") + reason);
    }

    Result<void> enter(bencode::Value value) {
        const auto entries = value.entries();
        if (!entries) return bad("must be a dictionary");
        if (entries->empty()) return bad("an empty folder");
        open_.push_back({entries->begin(), entries->end()});
        return {};
    }

    Result<void> entry(std::string_view key, bencode::Value value) {
        if (key.empty()) return bad("properties of a folder are not allowed");
        path_.push_back(key);
        const auto properties = value.find("");
        if (!properties) return enter(value);
        if (!only_entry(value)) return bad("both a file and a folder");
        if (auto read = file(*properties); !read) return read;
        path_.pop_back();
        return {};
    }

    static bool only_entry(bencode::Value dictionary) {
        const auto entries = *dictionary.entries();
        auto at = entries.begin();
        ++at;
        ++at;
        return at == entries.end();
    }

    Result<void> file(bencode::Value properties) {
        if (!properties.is(bencode::Kind::dictionary)) return bad("must be a dictionary");
        if (++count_ > file_count_max) return bad("more than " + std::to_string(file_count_max) + " files");
        const auto length = properties.find("length");
        if (!length || !length->integer()) return bad("length must be an integer");
        if (*length->integer() < 0)
            return bad("length " + std::to_string(*length->integer()) + " is not allowed");
        ListedFile file;
        file.size = static_cast<std::uint64_t>(*length->integer());
        if (auto read = read_attributes(Fields(properties, ""), file); !read)
            return bad(read.error().object + " " + read.error().detail);
        if (file.attributes.pad) return bad("a pad file has no place here");
        if (file.size > 0) {
            const auto root = properties.find("pieces root");
            const auto bytes = root ? root->string() : std::nullopt;
            if (!bytes || bytes->size() != file.pieces_root.size())
                return bad("pieces root must be 32 bytes");
            std::ranges::copy(as_bytes(*bytes), file.pieces_root.begin());
            if (file.pieces_root == hash::Sha256{}) return bad("pieces root is zero");
        }
        return visit_(path_, file);
    }

    const VisitFile& visit_;
    std::vector<Folder> open_;
    std::vector<std::string_view> path_;
    std::size_t count_ = 0;
};

}  // namespace

Result<void> walk_file_tree(bencode::Value tree, const VisitFile& visit) {
    return TreeWalk(visit).run(tree);
}

}  // namespace spate::metainfo
