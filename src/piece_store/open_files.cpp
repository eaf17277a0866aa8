#include "piece_store/open_files.h"

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

namespace spate::piece_store {
namespace {

using metainfo::FileIndex;

constexpr std::size_t copy_bytes = std::size_t{1} << 20;

}  // namespace

OpenFiles::OpenFiles(std::shared_ptr<FileHandles> handles, const FileNames& names, TorrentFolder& folder,
                     FilePlaces& places, bool preallocate)
    : handles_(std::move(handles)),
      id_(handles_->new_set()),
      names_(names),
      folder_(folder),
      places_(places),
      preallocate_(preallocate) {}

Error OpenFiles::spoil(FileIndex file) {
    const auto life = places_.life(file);
    places_.spoil(file);
    drop(file, life);
    return gone(file);
}

Error OpenFiles::gone(FileIndex file) const {
    return Error::invalid("write to", names_.path_of(file), "it was removed or cut short by another program",
                          std::errc::io_error);
}

Result<std::unique_ptr<io::File>> OpenFiles::open_to_write(FileIndex file, Life life) {
    const auto known = places_.known(file, life);
    if (!known) return fail(gone(file));
    const auto path = names_.path_of(file);
    auto opened = folder_->open(path, io::OpenMode::write);
    if (!opened && opened.error().is(std::errc::no_such_file_or_directory)) {
        if (*known) return fail(spoil(file));
        opened = folder_.make_file(path);
    }
    if (!opened) return opened;
    const auto size = (*opened)->size();
    if (!size) return fail(size.error());
    const auto full = names_.size_of(file);
    if (*size < full && *known) return fail(spoil(file));
    if (*size != full) {
        // Holes until they are written, or the disk's room at once.
        const bool reserve = preallocate_ && file != names_.part_file() && *size < full;
        auto sized = reserve ? (*opened)->reserve(full) : (*opened)->resize(full);
        if (!sized) return fail(sized.error());
    }
    places_.note_known(file, life);
    return opened;
}

Result<std::shared_ptr<FileHandle>> OpenFiles::get(FileIndex file, Life life, bool writable) {
    const FileHandles::Key key{id_, file.value, life};
    if (auto open = handles_->find(key, writable)) return open;
    auto opened =
        writable ? open_to_write(file, life) : folder_->open(names_.path_of(file), io::OpenMode::read);
    if (!opened) return fail(opened.error());
    auto handle = std::make_shared<FileHandle>();
    handle->file = std::move(*opened);
    handle->writable = writable;
    auto kept = handles_->put(key, std::move(handle));
    if (closed_) handles_->drop(key);
    return kept;
}

void OpenFiles::close() {
    closed_ = true;
    drop_all();
}

Result<void> OpenFiles::write_at(FileIndex file, std::uint64_t offset, Bytes bytes) {
    const auto life = places_.begin_write(file);
    if (!life) return fail(gone(file));
    const auto handle = get(file, *life, true);
    auto written = handle ? (*handle)->file->write_at(offset, bytes) : fail(handle.error());
    places_.end_write(file, *life, handle.has_value());
    return written;
}

Result<void> OpenFiles::read_at(FileIndex file, std::uint64_t offset, MutableBytes into) {
    const auto handle = get(file, false);
    if (!handle) return fail(handle.error());
    const auto count = (*handle)->file->read_at(offset, into);
    if (!count) return fail(count.error());
    if (*count < into.size()) return fail(Error::system(ENODATA, "read", names_.path_of(file)));
    return {};
}

bool OpenFiles::read_cached(FileIndex file, std::uint64_t offset, MutableBytes into) {
    const FileHandles::Key key{id_, file.value, places_.life(file)};
    auto handle = handles_->find(key, false);
    if (!handle) return false;
    bool as_known = false;
    if (handle->file->read_cached(offset, into)) {
        const auto info = handle->file->info();
        as_known = info && places_.is_as_known(file, *info, offset + into.size());
    }
    handles_->give_back(key, std::move(handle));
    return as_known;
}

Result<void> OpenFiles::copy_from_part(FileIndex file, const metainfo::Bitfield& held) {
    const auto& layout = names_.layout();
    const auto& entry = layout.file(file);
    const auto pieces = layout.pieces_of(file);
    std::vector<std::uint8_t> buffer(copy_bytes);
    for (auto piece = held.next_set(pieces.first); piece && *piece < pieces.end;
         piece = held.next_set(piece->next())) {
        const auto piece_start = layout.piece_offset(*piece);
        const auto end = std::min(piece_start + layout.piece_size(*piece), entry.offset + entry.size);
        for (auto at = std::max(piece_start, entry.offset); at < end; at += buffer.size()) {
            const auto part = MutableBytes(buffer).first(
                static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), end - at)));
            if (auto got = read_at(names_.part_file(), at, part); !got) return got;
            if (auto put = write_at(file, at - entry.offset, part); !put) return put;
        }
    }
    return {};
}

// What a process before us wrote and could not sync, the kernel may show without having it on the disk, and
// no sync of ours would bring it there. So a file that we left in that way is written once more, as it is
// read.
Result<void> OpenFiles::write_once_more(FileIndex file) {
    std::vector<std::uint8_t> buffer(copy_bytes);
    const auto handle = get(file, true);
    if (!handle) return fail(handle.error());
    for (std::uint64_t at = 0;; at += copy_bytes) {
        const auto count = (*handle)->file->read_at(at, buffer);
        if (!count) return fail(count.error());
        if (*count == 0) return {};
        const auto part = Bytes(buffer).first(*count);
        if (std::ranges::all_of(part, [](std::uint8_t octet) { return octet == 0; })) continue;  // or a hole
        if (auto put = (*handle)->file->write_at(at, part); !put) return put;
    }
}

}  // namespace spate::piece_store
