// How bytes of the address space go to files and come from them, and the watch over those that are served.
#include <algorithm>
#include <cerrno>
#include <type_traits>
#include <utility>
#include <variant>

#include "piece_store/file_set.h"

namespace spate::piece_store {
using metainfo::FileIndex;

// Pad files and gaps left out.
std::vector<FileSet::Target> FileSet::targets(std::uint64_t offset, std::uint64_t size) const {
    std::vector<Target> found;
    for (const auto& slice : layout().slices(offset, size)) {
        if (slice.pad) continue;
        const auto address = layout().file(slice.file).offset + slice.offset;
        const auto file = parts_.places.where(slice.file);
        found.push_back({file, file == part_file() ? address : slice.offset, slice.size, address - offset});
    }
    return found;
}

Result<void> FileSet::write(std::uint64_t offset, Bytes bytes) {
    const std::shared_lock guard(shape_);
    if (auto may = writable("write"); !may) return may;
    for (const auto& target : targets(offset, bytes.size())) {
        const auto part =
            bytes.subspan(static_cast<std::size_t>(target.at), static_cast<std::size_t>(target.size));
        if (auto written = parts_.open.write_at(target.file, target.offset, part); !written) return written;
    }
    return {};
}

// get(target, its part of `into`), which says how that went, as this does then. Pad files are zeros.
template <class Get>
auto FileSet::fill(std::uint64_t offset, MutableBytes into, Get get) const
    -> std::invoke_result_t<Get, const Target&, MutableBytes> {
    std::uint64_t filled = 0;
    const auto part_of = [&](std::uint64_t begin, std::uint64_t end) {
        return into.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
    };
    for (const auto& target : targets(offset, into.size())) {
        std::ranges::fill(part_of(filled, target.at), std::uint8_t{0});
        filled = target.at + target.size;
        if (auto got = get(target, part_of(target.at, filled)); !got) return got;
    }
    std::ranges::fill(part_of(filled, into.size()), std::uint8_t{0});
    return {};
}

Result<void> FileSet::read(std::uint64_t offset, MutableBytes into) {
    const std::shared_lock guard(shape_);
    if (!parts_.folder.is_open()) return fail(Error::system(ENOENT, "read", parts_.folder.path()));
    return fill(offset, into, [&](const Target& target, MutableBytes part) {
        return parts_.open.read_at(target.file, target.offset, part);
    });
}

void FileSet::will_need(std::uint64_t offset, std::uint64_t size) {
    const std::shared_lock guard(shape_);
    if (!parts_.folder.is_open()) return;
    for (const auto& target : targets(offset, size)) {
        const auto handle = parts_.open.get(target.file, false);
        if (handle) (*handle)->file->will_need(target.offset, target.size);
    }
}

Result<void, ReadError> FileSet::unchanged(const Target& target) {
    const auto refuse = [&](Error error, bool changed) {
        if (changed) parts_.places.note_changed(target.file);
        return fail(ReadError{std::move(error), target.file, changed});
    };
    const auto handle = parts_.open.get(target.file, false);
    if (!handle) {
        const bool gone = handle.error().is(std::errc::no_such_file_or_directory);
        return refuse(handle.error(), gone);
    }
    // A write of our own between the look at the file and the look at its stamp shows in the stamp.
    for (int tries = 0; tries < 3; ++tries) {
        const auto info = (*handle)->file->info();
        if (!info) return refuse(info.error(), false);
        if (parts_.places.is_as_known(target.file, *info, target.offset + target.size)) return {};
    }
    return refuse(Error::invalid("read", parts_.names.path_of(target.file),
                                 "the file was changed by another program", std::errc::io_error),
                  true);
}

Result<Window, ReadError> FileSet::window(std::uint64_t offset, Buffer buffer, std::size_t size) {
    const std::shared_lock guard(shape_);
    if (!parts_.folder.is_open())
        return fail(ReadError{Error::system(ENOENT, "read", parts_.folder.path()), {}, false});
    auto filled = fill(offset, buffer.bytes().first(size),
                       [&](const Target& target, MutableBytes part) -> Result<void, ReadError> {
                           auto got = parts_.open.read_at(target.file, target.offset, part);
                           // Why it could not be read, or whether it was right to believe it, the file itself
                           // tells.
                           if (auto same = unchanged(target); !same) return same;
                           if (!got) return fail(ReadError{got.error(), target.file, false});
                           return {};
                       });
    if (!filled) return fail(std::move(filled.error()));
    return Window(std::make_shared<WindowBuffer>(std::move(buffer), size));
}

Window FileSet::cached_window(std::uint64_t offset, Buffer buffer, std::size_t size) {
    const std::shared_lock guard(shape_, std::try_to_lock);
    if (!guard || !parts_.folder.is_open()) return nullptr;
    const auto files = layout().file_at(offset + size - 1).value - layout().file_at(offset).value + 1;
    if (files > cached_files_max) return nullptr;
    const auto filled = fill(offset, buffer.bytes().first(size),
                             [&](const Target& target, MutableBytes part) -> Result<void, std::monostate> {
                                 if (parts_.open.read_cached(target.file, target.offset, part)) return {};
                                 return fail(std::monostate());
                             });
    return filled ? std::make_shared<const WindowBuffer>(std::move(buffer), size) : nullptr;
}

}  // namespace spate::piece_store
