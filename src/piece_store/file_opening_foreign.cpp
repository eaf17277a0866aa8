// What may be somebody else's, or half ours, where a FileSet is going to write.
#include "piece_store/file_opening.h"

namespace spate::piece_store {
using metainfo::FileIndex;

Error FileOpening::taken(const std::string& path) {
    return Error::invalid("write to", path, "it is there already and is not this torrent's",
                          std::errc::file_exists);
}

// What is no file is neither followed nor replaced: waiting would not make it one.
Result<void> FileOpening::find_obstacle(FileIndex file) const {
    const auto path = parts_.names.path_of(file);
    const auto found = parts_.folder->info(path);
    const auto refuse = [&](const char* what, std::errc kind) {
        return fail(Error::invalid("write to", parts_.folder.path() + "/" + path, what, kind));
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

// A state of before means that we were here: a file that it does not know was begun after it.
Result<void> FileOpening::take_unknown(FileIndex file, const io::MarkedInfo& info) {
    const auto* const state = believed();
    if (state == nullptr)
        if (auto free = note_unknown(file, info.size); !free) return free;
    if (rules_.read_only) return {};
    if ((rules_.overwrite || state != nullptr) && info.mark.has_other_names)
        if (auto own = make_own(file); !own) return own;
    const bool was_ours = state != nullptr && state->stamps[file.value].state != FileStamp::State::settled;
    return was_ours ? parts_.open.write_once_more(file) : Result<void>();
}

// One that is longer than the torrent's cannot be a beginning of it.
Result<void> FileOpening::note_unknown(FileIndex file, std::uint64_t size) {
    if (rules_.read_only || rules_.overwrite || file == parts_.names.part_file()) return {};
    const auto full = parts_.names.size_of(file);
    if (size > full) return fail(taken(parts_.folder.path() + "/" + parts_.names.path_of(file)));
    if (full > 0) found_.unknown.push_back(file);  // an empty one is as it must be
    return {};
}

// One that has another name, and is not as we left it, is not ours to write into: what is there under that
// name stays, and a copy takes the place here.
Result<void> FileOpening::make_own(FileIndex file) {
    const auto path = parts_.names.path_of(file);
    auto& folder = *parts_.folder;
    // A name that is ours, as the part file's is: what people have there is not touched.
    const auto part = parts_.names.path_of(parts_.names.part_file());
    const auto beside = path.substr(0, path.rfind('/') + 1) + part + "~";
    static_cast<void>(folder.remove(beside));  // one that was left
    auto made = copy_file(folder, path, folder, beside);
    if (made) made = folder.rename(beside, path);
    if (!made) static_cast<void>(folder.remove(beside));
    parts_.open.drop(file);
    parts_.folder.note_new_name(path);
    return made;
}

}  // namespace spate::piece_store
