#include "piece_store/file_set.h"

#include <algorithm>
#include <utility>

#include "storage/file_name.h"

namespace spate::piece_store {
namespace {

using metainfo::FileIndex;

std::string part_file_name(const std::string& name) {
    // A byte longer than ".parts", to leave room for the dot in front.
    auto part = storage::with_suffix(storage::clean_file_name(name), ".parts~");
    part.pop_back();
    return "." + part;
}

}  // namespace

std::string FileSet::parent(const std::string& path) {
    const auto slash = path.rfind('/');
    return slash == path.npos ? std::string() : path.substr(0, slash);
}

FileSet::FileSet(io::Files& files, std::shared_ptr<FileHandles> handles, const StoreOptions& options)
    : files_(files),
      handles_(std::move(handles)),
      id_(handles_->new_set()),
      metainfo_(options.metainfo),
      preallocate_(options.preallocate),
      read_only_(options.read_only),
      overwrite_(options.overwrite),
      part_name_(part_file_name(metainfo_->info.name)),
      places_(layout().files().size() + 1),
      folder_path_(options.folder),
      wanted_(options.wanted) {
    wanted_.resize(layout().files().size(), true);
}

FileSet::~FileSet() {
    handles_->drop_set(id_);
}

FileIndex FileSet::part_file() const {
    return FileIndex(static_cast<std::uint32_t>(layout().files().size()));
}

std::uint64_t FileSet::size_of(FileIndex file) const {
    return file == part_file() ? layout().end() : layout().file(file).size;
}

bool FileSet::on_disk(FileIndex file) const {
    return file == part_file() ||
           (!layout().file(file).attributes.pad && !layout().file(file).attributes.symlink);
}

std::string FileSet::path_of(FileIndex file) const {
    if (file == part_file()) return part_name_;
    const auto found = renamed_.find(file);
    return found == renamed_.end() ? layout().file(file).path : found->second;
}

FileIndex FileSet::where(FileIndex file) const {
    return places_.in_part(file) ? part_file() : file;
}

// Pad files and gaps left out.
std::vector<FileSet::Target> FileSet::targets(std::uint64_t offset, std::uint64_t size) const {
    std::vector<Target> found;
    for (const auto& slice : layout().slices(offset, size)) {
        if (slice.pad) continue;
        const auto address = layout().file(slice.file).offset + slice.offset;
        const auto file = where(slice.file);
        found.push_back({file, file == part_file() ? address : slice.offset, slice.size, address - offset});
    }
    return found;
}

void FileSet::note_new_name(const std::string& path) {
    const std::lock_guard guard(mutex_);
    for (auto above = parent(path);; above = parent(above)) {
        new_names_in_.insert(above);
        if (above.empty()) return;
    }
}

Result<std::unique_ptr<io::File>> FileSet::make_file(const std::string& path) {
    if (const auto above = parent(path); !above.empty()) {
        if (auto made = folder_->make_folder(above); !made) return fail(made.error());
    }
    auto file = folder_->open(path, io::OpenMode::create);
    note_new_name(path);
    return file;
}

// What was opened of it before is used no more.
Error FileSet::spoil(FileIndex file) {
    const auto open = key_of(file);
    places_.spoil(file);
    handles_->drop(open);
    return gone(file);
}

Error FileSet::gone(FileIndex file) const {
    return Error::invalid("write to", path_of(file), "it was removed or cut short by another program",
                          std::errc::io_error);
}

// With the part file every piece is lost.
bool FileSet::lost_since(metainfo::PieceIndex piece, FilePlaces::Life losses) const {
    if (places_.losses() <= losses) return false;
    if (places_.life(part_file()) > losses) return true;
    const auto slices = layout().slices(layout().piece_offset(piece), layout().piece_size(piece));
    return std::ranges::any_of(
        slices, [&](const auto& slice) { return !slice.pad && places_.life(slice.file) > losses; });
}

Result<std::unique_ptr<io::File>> FileSet::open_to_write(FileIndex file, FilePlaces::Life life) {
    const auto known = places_.known(file, life);
    if (!known) return fail(gone(file));
    const auto path = path_of(file);
    auto opened = folder_->open(path, io::OpenMode::write);
    if (!opened && opened.error().is(std::errc::no_such_file_or_directory)) {
        if (*known) return fail(spoil(file));
        opened = make_file(path);
    }
    if (!opened) return opened;
    const auto size = (*opened)->size();
    if (!size) return fail(size.error());
    if (*size < size_of(file) && *known) return fail(spoil(file));
    if (*size != size_of(file)) {
        // Holes until they are written, or the disk's room at once.
        const bool reserve = preallocate_ && file != part_file() && *size < size_of(file);
        auto sized = reserve ? (*opened)->reserve(size_of(file)) : (*opened)->resize(size_of(file));
        if (!sized) return fail(sized.error());
    }
    places_.note_known(file, life);
    return opened;
}

FileHandles::Key FileSet::key_of(FileIndex file) const {
    return {id_, file.value, places_.life(file)};
}

Result<std::shared_ptr<FileHandle>> FileSet::handle(FileIndex file, FilePlaces::Life life, bool writable) {
    const FileHandles::Key key{id_, file.value, life};
    if (auto open = handles_->find(key, writable)) return open;
    auto opened = writable ? open_to_write(file, life) : folder_->open(path_of(file), io::OpenMode::read);
    if (!opened) return fail(opened.error());
    auto handle = std::make_shared<FileHandle>();
    handle->file = std::move(*opened);
    handle->writable = writable;
    auto kept = handles_->put(key, std::move(handle));
    if (closed_) handles_->drop(key);
    return kept;
}

void FileSet::close() {
    closed_ = true;
    handles_->drop_set(id_);
}

}  // namespace spate::piece_store
