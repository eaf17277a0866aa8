// What may be somebody else's, or half ours, where a FileSet is going to write.
#include <algorithm>

#include "piece_store/file_set.h"

namespace spate::piece_store {
using metainfo::FileIndex;

// What a process before us wrote and could not sync, the kernel may show without having it on the disk, and
// no sync of ours would bring it there. So a file that we left in that way is written once more, as it is
// read.
Result<void> FileSet::write_once_more(FileIndex file) {
    constexpr std::size_t at_a_time = std::size_t{1} << 20;
    std::vector<std::uint8_t> buffer(at_a_time);
    const auto handle = this->handle(file, true);
    if (!handle) return fail(handle.error());
    for (std::uint64_t at = 0;; at += at_a_time) {
        const auto count = (*handle)->file->read_at(at, buffer);
        if (!count) return fail(count.error());
        if (*count == 0) return {};
        const auto part = Bytes(buffer).first(*count);
        if (std::ranges::all_of(part, [](std::uint8_t octet) { return octet == 0; })) continue;  // or a hole
        if (auto put = (*handle)->file->write_at(at, part); !put) return put;
    }
}

Error FileSet::taken(const std::string& path) {
    return Error::invalid("write to", path, "it is there already and is not this torrent's",
                          std::errc::file_exists);
}

// What is no file is neither followed nor replaced: waiting would not make it one.
Result<void> FileSet::find_obstacle(FileIndex file) const {
    const auto path = path_of(file);
    const auto found = folder_->info(path);
    const auto refuse = [&](const char* what, std::errc kind) {
        return fail(Error::invalid("write to", folder_path_ + "/" + path, what, kind));
    };
    if (found && found->kind == io::FileKind::folder)
        return refuse("a folder of that name is there", std::errc::is_a_directory);
    constexpr auto link = std::errc::too_many_symbolic_link_levels;
    if (found && found->kind == io::FileKind::other)
        return refuse("a link or something else that is no file is there, and is not followed", link);
    if (!found && found.error().is(link))
        return refuse("a link is on the way there, and is not followed", link);
    if (!found && found.error().is(std::errc::not_a_directory))
        return refuse("a file is on the way there", std::errc::not_a_directory);
    return {};
}

// One that is longer than the torrent's cannot be a beginning of it.
Result<void> FileSet::find_unknown(FileIndex file, std::uint64_t size, Found& found) const {
    if (read_only_ || overwrite_ || file == part_file()) return {};
    if (size > size_of(file)) return fail(taken(folder_path_ + "/" + path_of(file)));
    if (size_of(file) > 0) found.unknown.push_back(file);  // an empty one is as it must be
    return {};
}

// One that has another name, and is not as we left it, is not ours to write into: what is there under that
// name stays, and a copy takes the place here.
Result<void> FileSet::make_own(FileIndex file) {
    const auto path = path_of(file);
    // A name that is ours, as the part file's is: what people have there is not touched.
    const auto part = path_of(part_file());
    const auto beside = path.substr(0, path.rfind('/') + 1) + part.substr(part.rfind('/') + 1) + "~";
    static_cast<void>(folder_->remove(beside));  // one that was left
    auto made = copy_between(*folder_, path, *folder_, beside);
    if (made) made = folder_->rename(beside, path);
    if (!made) static_cast<void>(folder_->remove(beside));
    handles_->drop(key_of(file));
    note_new_name(path);
    return made;
}

}  // namespace spate::piece_store
