#include "piece_store/file_attributes.h"

#include <algorithm>

#include "base/printable.h"

namespace spate::piece_store {
namespace {

using metainfo::FileLayout;
using metainfo::LinkTarget;
using metainfo::Symlink;

class Notes {
  public:
    void add(const std::string& path, const std::string& why) {
        if (all_.size() < attribute_notes_max)
            all_.push_back(printable(path, 300) + ": " + printable(why, 300));
    }
    std::vector<std::string> take() { return std::move(all_); }

  private:
    std::vector<std::string> all_;
};

void make_link(io::Folder& folder, const std::string& path, const Symlink& link, Notes& notes) {
    const auto text = link_text(path, link.target);
    if (const auto slash = path.rfind('/'); slash != path.npos) {
        if (const auto made = folder.make_folder(path.substr(0, slash)); !made)
            return notes.add(path, made.error().message());
    }
    const auto made = folder.make_link(path, text);
    if (made) return;
    if (!made.error().is(std::errc::file_exists)) return notes.add(path, made.error().message());
    const auto there = folder.read_link(path);
    if (!there || *there != text)
        notes.add(path, "something else is there; it stays, and is not the link that the torrent says");
}

}  // namespace

std::vector<std::string> set_file_attributes(io::Folder& folder, const FileLayout& layout,
                                             const WantsFile& wants) {
    Notes notes;
    for (const auto& file : layout.files()) {
        const auto& attributes = file.attributes;
        if (!attributes.executable || attributes.pad || attributes.symlink || (wants && !wants(file)))
            continue;
        if (const auto done = folder.make_executable(file.path); !done)
            notes.add(file.path, done.error().message());
    }
    std::vector<const Symlink*> links;
    for (const auto& link : layout.symlinks())
        if (link.state == LinkTarget::inside && (!wants || wants(layout.file(link.file))))
            links.push_back(&link);
    // A link to a link waits for that one; a link to what was not wanted is not made.
    const auto make_if_it_leads_somewhere = [&](const Symlink* link) {
        if (!folder.info(link->target)) return false;
        make_link(folder, layout.file(link->file).path, *link, notes);
        return true;
    };
    while (std::erase_if(links, make_if_it_leads_somewhere) > 0) {
    }
    return notes.take();
}

std::string link_text(std::string_view path, std::string_view target) {
    // What both have in common falls away, folder by folder; from the rest of `path` it goes up.
    for (;;) {
        const auto slash = path.find('/');
        if (slash == path.npos || !target.starts_with(path.substr(0, slash + 1))) break;
        path.remove_prefix(slash + 1);
        target.remove_prefix(slash + 1);
    }
    std::string text;
    for (auto ups = std::ranges::count(path, '/'); ups > 0; --ups) text += "../";
    return text + std::string(target);
}

}  // namespace spate::piece_store
