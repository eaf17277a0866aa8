// The v1 file list (BEP 3, 47).
#include "metainfo/limits.h"
#include "metainfo/listed_file.h"

namespace spate::metainfo {

Result<void> read_components(const bencode::Elements& list, std::vector<std::string_view>& out) {
    out.clear();
    for (const auto element : list) {
        const auto text = element.string();
        if (!text) return refuse("", "must be a list of strings");
        out.push_back(*text);
    }
    if (out.empty()) return refuse("", "is empty");
    return {};
}

Result<void> read_attributes(const Fields& fields, ListedFile& file) {
    const auto attr = fields.string("attr");
    if (!attr) return fail(attr.error());
    for (const char c : attr->value_or("")) {
        if (c == 'p') file.attributes.pad = true;
        if (c == 'x') file.attributes.executable = true;
        if (c == 'h') file.attributes.hidden = true;
        if (c == 'l') file.attributes.symlink = true;
    }
    if (!file.attributes.symlink) return {};
    if (file.attributes.pad) return fields.refuse_key("attr", "a pad file cannot be a symlink");
    if (file.size != 0) return fields.refuse_key("length", "a symlink has no bytes of its own");
    const auto link = fields.list("symlink path");
    if (!link) return fail(link.error());
    if (!*link) return fields.refuse_key("symlink path", "is missing");
    std::vector<std::string_view> components;
    if (auto read = read_components(**link, components); !read)
        return fields.refuse_key("symlink path", read.error().detail);
    for (const auto component : components)
        if (component == "..") return fields.refuse_key("symlink path", "'..' would lead out of the torrent");
    file.link = **link;
    return {};
}

namespace {

Result<std::uint64_t> read_length(const Fields& fields, bool may_be_missing) {
    const auto length = fields.integer("length");
    if (!length) return fail(length.error());
    if (!*length && !may_be_missing) return fields.refuse_key("length", "is missing");
    const auto value = length->value_or(0);
    if (value < 0) return fields.refuse_key("length", std::to_string(value) + " is not allowed");
    return static_cast<std::uint64_t>(value);
}

// A symlink's length may be left out (BEP 47).
bool says_symlink(const Fields& fields) {
    const auto attr = fields.string("attr");
    return attr && *attr && (*attr)->find('l') != std::string_view::npos;
}

// Length and attributes.
Result<void> read_file(const Fields& fields, ListedFile& file) {
    const auto length = read_length(fields, says_symlink(fields));
    if (!length) return fail(length.error());
    file.size = *length;
    return read_attributes(fields, file);
}

Result<V1File> read_listed(const Fields& fields, bool prefer_utf8) {
    V1File file;
    if (auto read = read_file(fields, file.listed); !read) return fail(read.error());
    const auto utf8 = prefer_utf8 ? fields.find("path.utf-8") : std::nullopt;
    const auto path = utf8 && utf8->list() ? fields.list("path.utf-8") : fields.list("path");
    if (!path) return fail(path.error());
    if (!*path && !file.listed.attributes.pad) return fields.refuse_key("path", "is missing");
    file.path = *path;
    return file;
}

}  // namespace

Result<std::vector<V1File>> read_v1_files(const Fields& info, bool prefer_utf8) {
    const bool single = info.has("length");
    const auto list = info.list("files");
    if (!list) return fail(list.error());
    if (single && *list) return info.refuse_key("files", "stands beside length");
    if (!single && !*list) return info.refuse_key("files", "is missing, and length too");
    std::vector<V1File> files;
    if (single) {
        V1File file;
        if (auto read = read_file(info, file.listed); !read) return fail(read.error());
        if (file.listed.attributes.pad) return info.refuse_key("attr", "the only file cannot be a pad file");
        files.push_back(file);
        return files;
    }
    for (const auto element : **list) {
        const auto name = info.name("files") + "[" + std::to_string(files.size()) + "]";
        if (!element.is(bencode::Kind::dictionary)) return refuse(name, "must be a dictionary");
        if (files.size() == file_count_max)
            return info.refuse_key("files", "more than " + std::to_string(file_count_max) + " files");
        auto file = read_listed(Fields(element, name + "."), prefer_utf8);
        if (!file) return fail(file.error());
        files.push_back(*file);
    }
    if (files.empty()) return info.refuse_key("files", "is empty");
    return files;
}

}  // namespace spate::metainfo
