#include "piece_store/file_set.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/assert.h"
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

std::string parent(const std::string& path) {
    const auto slash = path.rfind('/');
    return slash == path.npos ? std::string() : path.substr(0, slash);
}

class BufferWindow final : public io::FileView {
  public:
    BufferWindow(Buffer buffer, std::size_t size) : buffer_(std::move(buffer)), size_(size) {}
    Bytes bytes() const override { return {buffer_.data(), size_}; }
    bool intact() const override { return true; }

  private:
    const Buffer buffer_;
    const std::size_t size_;
};

}  // namespace

FileSet::FileSet(io::Files& files, std::shared_ptr<FileHandles> handles, const StoreOptions& options)
    : files_(files),
      handles_(std::move(handles)),
      id_(handles_->new_set()),
      metainfo_(options.metainfo),
      preallocate_(options.preallocate),
      read_only_(options.read_only),
      part_name_(part_file_name(metainfo_->info.name)),
      folder_path_(options.folder),
      wanted_(options.wanted),
      places_(layout().files().size() + 1) {
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

// Pad files and gaps left out.
std::vector<FileSet::Target> FileSet::targets(std::uint64_t offset, std::uint64_t size) const {
    std::vector<Target> found;
    const std::lock_guard guard(mutex_);
    for (const auto& slice : layout().slices(offset, size)) {
        if (slice.pad) continue;
        const auto address = layout().file(slice.file).offset + slice.offset;
        const bool in_part = places_[slice.file.value].in_part;
        found.push_back({in_part ? part_file() : slice.file, in_part ? address : slice.offset, slice.size,
                         address - offset});
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

Error FileSet::spoil(FileIndex file) {
    const std::lock_guard guard(mutex_);
    places_[file.value].spoiled = true;
    any_spoiled_ = true;
    return Error::invalid("write to", path_of(file), "it was removed or cut short by another program",
                          std::errc::io_error);
}

std::vector<FileIndex> FileSet::spoiled() const {
    std::vector<FileIndex> found;
    if (!any_spoiled_) return found;
    const std::lock_guard guard(mutex_);
    for (FileIndex file; file <= part_file(); ++file)
        if (places_[file.value].spoiled) found.push_back(file);
    return found;
}

void FileSet::allow_spoiled() {
    if (!any_spoiled_.exchange(false)) return;
    const std::lock_guard guard(mutex_);
    for (auto& place : places_)
        if (place.spoiled) place = {.stamp = {}, .in_part = place.in_part};
}

Result<std::unique_ptr<io::File>> FileSet::open_to_write(FileIndex file) {
    bool known = false;
    bool spoiled = false;
    {
        const std::lock_guard guard(mutex_);
        known = places_[file.value].known;
        spoiled = places_[file.value].spoiled;
    }
    if (spoiled) return fail(spoil(file));
    const auto path = path_of(file);
    auto opened = folder_->open(path, io::OpenMode::write);
    if (!opened && opened.error().is(std::errc::no_such_file_or_directory)) {
        if (known) return fail(spoil(file));
        opened = make_file(path);
    }
    if (!opened) return opened;
    const auto size = (*opened)->size();
    if (!size) return fail(size.error());
    if (*size < size_of(file) && known) return fail(spoil(file));
    if (*size != size_of(file)) {
        // Holes until they are written, or the disk's room at once.
        const bool reserve = preallocate_ && file != part_file() && *size < size_of(file);
        auto sized = reserve ? (*opened)->reserve(size_of(file)) : (*opened)->resize(size_of(file));
        if (!sized) return fail(sized.error());
    }
    const std::lock_guard guard(mutex_);
    places_[file.value].known = true;
    return opened;
}

Result<std::shared_ptr<FileHandle>> FileSet::handle(FileIndex file, bool writable) {
    const FileHandles::Key key{id_, file.value};
    if (auto open = handles_->find(key, writable)) return open;
    auto opened = writable ? open_to_write(file) : folder_->open(path_of(file), io::OpenMode::read);
    if (!opened) return fail(opened.error());
    auto handle = std::make_shared<FileHandle>();
    handle->file = std::move(*opened);
    handle->writable = writable;
    return handles_->put(key, std::move(handle));
}

// Before the write, so that the watch never takes our own change for somebody else's.
void FileSet::mark_in_work(FileIndex file) {
    const std::lock_guard guard(mutex_);
    auto& place = places_[file.value];
    place.dirty = true;
    if (place.stamp.state == FileStamp::State::in_work) return;
    place.stamp.state = FileStamp::State::in_work;
    begun_ = true;
}

Result<void> FileSet::write_target(const Target& target, Bytes bytes) {
    mark_in_work(target.file);
    const auto handle = this->handle(target.file, true);
    if (!handle) return fail(handle.error());
    const std::lock_guard guard((*handle)->mutex);
    auto written = (*handle)->file->write_at(target.offset, bytes);
    // A sync may have passed by since; and the handle may be older than what is known of the file.
    mark_in_work(target.file);
    const std::lock_guard lock(mutex_);
    auto& place = places_[target.file.value];
    place.known = place.known || !place.spoiled;
    return written;
}

Result<void> FileSet::write(std::uint64_t offset, Bytes bytes) {
    const std::shared_lock guard(shape_);
    if (read_only_ || !folder_) return fail(Error::system(EROFS, "write", folder_path_));
    for (const auto& target : targets(offset, bytes.size())) {
        const auto part =
            bytes.subspan(static_cast<std::size_t>(target.at), static_cast<std::size_t>(target.size));
        if (auto written = write_target(target, part); !written) return written;
    }
    return {};
}

Result<void> FileSet::read_target(const Target& target, MutableBytes into) {
    const auto handle = this->handle(target.file, false);
    if (!handle) return fail(handle.error());
    const std::lock_guard guard((*handle)->mutex);
    const auto count = (*handle)->file->read_at(target.offset, into);
    if (!count) return fail(count.error());
    if (*count < into.size()) return fail(Error::system(ENODATA, "read", path_of(target.file)));
    return {};
}

Result<void> FileSet::read(std::uint64_t offset, MutableBytes into) {
    const std::shared_lock guard(shape_);
    if (!folder_) return fail(Error::system(ENOENT, "read", folder_path_));
    std::uint64_t filled = 0;
    for (const auto& target : targets(offset, into.size())) {
        std::ranges::fill(
            into.subspan(static_cast<std::size_t>(filled), static_cast<std::size_t>(target.at - filled)),
            std::uint8_t{0});
        const auto part =
            into.subspan(static_cast<std::size_t>(target.at), static_cast<std::size_t>(target.size));
        if (auto got = read_target(target, part); !got) return got;
        filled = target.at + target.size;
    }
    std::ranges::fill(into.subspan(static_cast<std::size_t>(filled)), std::uint8_t{0});
    return {};
}

Result<void, ReadError> FileSet::unchanged(const Target& target) {
    const auto refuse = [&](Error error, bool changed) {
        return fail(ReadError{std::move(error), target.file, changed});
    };
    const auto handle = this->handle(target.file, false);
    if (!handle) {
        const bool gone = handle.error().is(std::errc::no_such_file_or_directory);
        return refuse(handle.error(), gone);
    }
    // A write of our own between the look at the file and the look at its stamp shows in the stamp.
    for (int tries = 0; tries < 3; ++tries) {
        Result<io::FileInfo> info;
        {
            const std::lock_guard guard((*handle)->mutex);
            info = (*handle)->file->info();
        }
        if (!info) return refuse(info.error(), false);
        const std::lock_guard guard(mutex_);
        const auto& stamp = places_[target.file.value].stamp;
        if (stamp.state == FileStamp::State::in_work) {
            if (info->size >= target.offset + target.size) return {};
        } else if (stamp.state == FileStamp::State::settled && info->size == stamp.size &&
                   info->modified.unix_seconds == stamp.modified && info->modified_ns == stamp.modified_ns) {
            return {};
        }
    }
    return refuse(Error::invalid("read", path_of(target.file), "the file was changed by another program",
                                 std::errc::io_error),
                  true);
}

Result<Window, ReadError> FileSet::window(std::uint64_t offset, Buffer buffer, std::size_t size) {
    const std::shared_lock guard(shape_);
    if (!folder_) return fail(ReadError{Error::system(ENOENT, "read", folder_path_), {}, false});
    const auto into = buffer.bytes().first(size);
    std::uint64_t filled = 0;
    const auto zeros_until = [&](std::uint64_t end) {  // pad files
        std::ranges::fill(
            into.subspan(static_cast<std::size_t>(filled), static_cast<std::size_t>(end - filled)),
            std::uint8_t{0});
    };
    for (const auto& target : targets(offset, size)) {
        zeros_until(target.at);
        filled = target.at + target.size;
        const auto part =
            into.subspan(static_cast<std::size_t>(target.at), static_cast<std::size_t>(target.size));
        auto got = read_target(target, part);
        // Why it could not be read, or whether it was right to believe it, the file itself tells.
        if (auto same = unchanged(target); !same) return fail(same.error());
        if (!got) return fail(ReadError{got.error(), target.file, false});
    }
    zeros_until(size);
    return Window(std::make_shared<BufferWindow>(std::move(buffer), size));
}

// complete: all its pieces are there, so that it must be what lies under its name.
Result<FileStamp, FileSet::Failure> FileSet::sync_file(FileIndex file, bool complete) {
    const auto refuse = [&](Error error, bool gone = false) {
        handles_->drop({id_, file.value});
        return fail(Failure{file, std::move(error), gone});
    };
    const auto handle = this->handle(file, !read_only_);
    if (!handle) {
        const auto gone = spoiled();
        return refuse(handle.error(), std::ranges::find(gone, file) != gone.end());
    }
    const std::lock_guard guard((*handle)->mutex);
    auto& open = *(*handle)->file;
    if (auto synced = open.sync(); !synced) return refuse(synced.error());
    const auto info = open.info();
    if (!info) return refuse(info.error());
    if (complete && folder_->info(path_of(file)) != *info) return refuse(spoil(file), true);
    return FileStamp{FileStamp::State::in_work, info->size, info->modified.unix_seconds, info->modified_ns};
}

Result<void> FileSet::sync_names() {
    std::set<std::string> folders;
    {
        const std::lock_guard guard(mutex_);
        folders.swap(new_names_in_);
    }
    for (const auto& folder : folders) {
        auto synced = folder_->sync(folder);
        if (synced || synced.error().is(std::errc::no_such_file_or_directory)) continue;
        const std::lock_guard guard(mutex_);
        new_names_in_.merge(folders);
        return synced;
    }
    return {};
}

FileSet::Synced FileSet::sync(const metainfo::Bitfield& have, bool settle_all) {
    const std::shared_lock guard(shape_);
    Synced result;
    const auto file_complete = [&](FileIndex file) {
        if (file == part_file()) return false;
        const auto pieces = layout().pieces_of(file);
        const auto missing = pieces.empty() ? std::nullopt : have.next_clear(pieces.first);
        return !missing || *missing >= pieces.end;
    };
    const auto names = folder_ ? sync_names() : Result<void>();
    if (!names) result.names = names.error();
    for (FileIndex file; file <= part_file(); ++file) {
        auto before = FileStamp::State::absent;
        bool was_dirty = false;
        {
            const std::lock_guard lock(mutex_);
            auto& place = places_[file.value];
            before = place.stamp.state;
            was_dirty = std::exchange(place.dirty, false);
            // It could not even be made.
            if (before == FileStamp::State::in_work && !place.known && !place.spoiled) place.stamp = {};
            if (place.stamp.state != FileStamp::State::in_work && !was_dirty) continue;
            if (place.stamp.state == FileStamp::State::absent) continue;
        }
        const bool complete = file_complete(file);
        auto stamp = sync_file(file, complete);
        if (!stamp) {
            result.failed.push_back(std::move(stamp.error()));
            continue;
        }
        const std::lock_guard lock(mutex_);
        auto& place = places_[file.value];
        // One that rests for a while, or is done, is settled; until then its stamp moves with our writes.
        const bool rests = settle_all || complete || !was_dirty || before == FileStamp::State::settled;
        if (rests && !place.dirty) stamp->state = FileStamp::State::settled;
        place.stamp = *stamp;
        result.settled &= stamp->state == FileStamp::State::settled;
    }
    const std::lock_guard lock(mutex_);
    result.state.have = have;
    result.state.wanted = wanted_;
    result.state.renamed = renamed_;
    for (const auto& place : places_) result.state.stamps.push_back(place.stamp);
    return result;
}

}  // namespace spate::piece_store
