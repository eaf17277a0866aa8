#include "metainfo/info_reader.h"

#include <utility>

#include "base/printable.h"
#include "base/utf8.h"
#include "metainfo/fields.h"
#include "metainfo/file_collector.h"
#include "metainfo/limits.h"
#include "metainfo/listed_file.h"

namespace spate::metainfo {

namespace {

struct Versions {
    bool v1 = false;
    bool v2 = false;
};

Result<Versions> read_versions(const Fields& info) {
    const auto version = info.integer("meta version");  // first of all, so that a newer format is called that
    if (!version) return fail(version.error());
    if (*version && **version != 2)
        return info.refuse_key("meta version", std::to_string(**version) + " is not supported");
    Versions found{info.has("pieces"), version->has_value()};
    if (found.v2 && !info.has("file tree")) return info.refuse_key("file tree", "is missing");
    const bool v1_rest = info.has("files") || info.has("length");
    if (!found.v1 && (!found.v2 || v1_rest)) return info.refuse_key("pieces", "is missing");
    return found;
}

Result<std::uint64_t> read_piece_length(const Fields& info, bool v2) {
    const auto length = info.required_integer("piece length");
    if (!length) return fail(length.error());
    const auto refused = [&](const std::string& why) {
        return info.refuse_key("piece length", std::to_string(*length) + why);
    };
    if (*length <= 0) return refused(" is not allowed");
    const auto value = static_cast<std::uint64_t>(*length);
    if (value > piece_length_max) return refused(" is more than " + std::to_string(piece_length_max));
    if (v2 && !is_v2_piece_length(value)) return refused(" is no power of two from 16384 on");
    return value;
}

Result<std::string_view> read_name(const Fields& info, bool v2) {
    const auto utf8 = info.find("name.utf-8");
    if (!v2 && utf8 && utf8->string() && is_utf8(*utf8->string())) return *utf8->string();
    return info.required_string("name");
}

std::unexpected<Error> named(std::string key, Error error) {
    if (error.object.empty()) error.object = std::move(key);
    return fail(std::move(error));
}

Result<void> check_pieces(const Fields& info, const FileLayout& layout) {
    const auto pieces = info.required_string("pieces");
    if (!pieces) return fail(pieces.error());
    const auto size = pieces->size();
    if (size % 20 != 0)
        return info.refuse_key("pieces", std::to_string(size) + " bytes are no multiple of 20");
    if (size / 20 != layout.piece_count())
        return info.refuse_key("pieces", std::to_string(size / 20) + " hashes for " +
                                             std::to_string(layout.piece_count()) + " pieces");
    return {};
}

// The v1 list, in a hybrid with the tree's roots: tree and list must give the same files in the same order.
class FileSource {
  public:
    FileSource(const Fields& info, Versions versions, std::string_view name)
        : info_(info), versions_(versions), name_(name) {}

    Result<void> collect(FileCollector& out) {
        if (versions_.v1) {
            auto list = read_v1_files(info_, !versions_.v2);
            if (!list) return fail(list.error());
            list_ = std::move(*list);
        }
        if (versions_.v2) {
            const auto tree = *info_.find("file tree");
            auto walked = walk_file_tree(tree, [&](auto components, const auto& file) -> Result<void> {
                if (versions_.v1) return match(components, file);
                auto added = out.add(components, file);
                return added ? added : named("info.file tree", std::move(added.error()));
            });
            if (!walked) return walked;
        }
        if (!versions_.v1) return {};
        skip_pads();
        if (versions_.v2 && next_ != list_.size()) return disagree("a file that the tree does not have");
        return collect_list(out);
    }

  private:
    // An error about the path of that file, which has no key yet.
    static std::unexpected<Error> of_path(std::size_t index, const V1File& file, Error error) {
        return named(file.path ? "info.files[" + std::to_string(index) + "].path" : "info.name",
                     std::move(error));
    }

    Result<void> components_of(std::size_t index) {
        components_.assign(1, name_);
        const V1File& file = list_[index];
        if (file.listed.attributes.pad || !file.path) return {};
        auto read = read_components(*file.path, components_);
        return read ? read : of_path(index, file, std::move(read.error()));
    }

    Result<void> disagree(const std::string& what) const {
        return refuse("info.files", "v1 and v2 disagree: file " + std::to_string(next_) + ": " + what);
    }

    void skip_pads() {
        while (next_ < list_.size() && list_[next_].listed.attributes.pad) ++next_;
    }

    Result<void> match(std::span<const std::string_view> components, const ListedFile& file) {
        skip_pads();
        if (next_ == list_.size()) return disagree("the list has no more");
        if (auto read = components_of(next_); !read) return read;
        ListedFile& ours = list_[next_].listed;
        if (!std::ranges::equal(components, components_)) return disagree("another path");
        if (ours.size != file.size) return disagree("another length");
        if (ours.attributes.symlink != file.attributes.symlink || !same_link(ours, file))
            return disagree("another link");
        ours.pieces_root = file.pieces_root;
        ++next_;
        return {};
    }

    static bool same_link(const ListedFile& a, const ListedFile& b) {
        if (!a.link) return true;
        return std::ranges::equal(
            *a.link, *b.link, {}, [](auto v) { return *v.string(); }, [](auto v) { return *v.string(); });
    }

    Result<void> collect_list(FileCollector& out) {
        for (std::size_t i = 0; i < list_.size(); ++i) {
            if (auto read = components_of(i); !read) return read;
            if (auto added = out.add(components_, list_[i].listed); !added)
                return of_path(i, list_[i], std::move(added.error()));
        }
        return {};
    }

    const Fields& info_;
    Versions versions_;
    std::string_view name_;
    std::vector<V1File> list_;
    std::vector<std::string_view> components_;
    std::size_t next_ = 0;
};

// v2 has one shape for all: a tree of one file and nothing else is a single file.
bool is_single_file(const Fields& info, Versions versions) {
    if (versions.v1) return info.has("length");
    const auto entries = info.find("file tree")->entries();
    if (!entries || entries->empty()) return false;
    auto at = entries->begin();
    const auto first = *++at;
    return ++at == entries->end() && first.find("").has_value();
}

Result<void> check_alignment(const FileLayout& layout) {
    for (const auto& file : layout.files())
        if (!file.attributes.pad && file.size > 0 && file.offset % layout.piece_length() != 0)
            return refuse("info.files",
                          "v1 and v2 disagree: '" + printable(file.path) + "' starts within a piece");
    return {};
}

Result<void> read_files(const Fields& info, Versions versions, std::string_view name, CaseRule rule,
                        Info& out) {
    const auto piece_length = read_piece_length(info, versions.v2);
    if (!piece_length) return fail(piece_length.error());
    out.single_file = is_single_file(info, versions);
    FileCollector files(out.single_file ? "" : out.name, rule);
    if (auto read = FileSource(info, versions, name).collect(files); !read) return read;
    auto links = files.resolve_links();
    out.renamed = files.take_renamed();
    auto layout = FileLayout::make(files.take_files(), std::move(links), *piece_length,
                                   versions.v1 ? FileLayout::Alignment::none : FileLayout::Alignment::pieces);
    if (!layout) return fail(layout.error());
    out.layout = std::move(*layout);
    if (versions.v1 && versions.v2)
        if (auto aligned = check_alignment(out.layout); !aligned) return aligned;
    return versions.v1 ? check_pieces(info, out.layout) : Result<void>{};
}

}  // namespace

Result<Info> read_info_dictionary(bencode::Value value, CaseRule rule) {
    if (!value.is(bencode::Kind::dictionary)) return refuse("info", "must be a dictionary");
    const Fields fields(value, "info.");
    const auto versions = read_versions(fields);
    if (!versions) return fail(versions.error());
    const auto name = read_name(fields, versions->v2);
    if (!name) return fail(name.error());
    Info info;
    info.name = clean_component(*name);
    info.original_name = name->substr(0, renamed_bytes_max);
    const auto private_flag = fields.integer("private");
    if (!private_flag) return fail(private_flag.error());
    info.private_torrent = private_flag->value_or(0) != 0;
    const auto source = fields.string("source");
    if (!source) return fail(source.error());
    info.source = source->value_or("").substr(0, comment_bytes_max);
    if (auto read = read_files(fields, *versions, *name, rule, info); !read) return fail(read.error());

    const auto raw = value.raw();
    info.raw.assign(raw.begin(), raw.end());
    if (versions->v1) {
        info.hash.v1 = hash::sha1(raw);
        info.v1_pieces_offset =
            static_cast<std::size_t>(as_bytes(*fields.find("pieces")->string()).data() - raw.data());
    }
    if (versions->v2) info.hash.v2 = hash::sha256(raw);
    return info;
}

}  // namespace spate::metainfo
