#include "classic_peer/part_store.h"

#include <algorithm>

#include "base/assert.h"
#include "base/hex.h"
#include "storage/atomic_file.h"
#include "storage/file_name.h"

namespace spate::classic_peer {
namespace {

constexpr std::size_t hash_step = 1 << 20;

std::string hidden_name(const std::string& name, std::string_view suffix) {
    // The leading dot needs a byte of its own within the 255.
    const std::string long_suffix = ".." + std::string(suffix);
    std::string stem = storage::with_suffix(name, long_suffix);
    stem.erase(stem.size() - long_suffix.size(), 1);
    return "." + stem;
}

}  // namespace

PartStore::PartStore(std::unique_ptr<io::Folder> folder, FileIdentity file)
    : folder_(std::move(folder)), file_(std::move(file)) {}

std::string PartStore::name_of(std::string_view kind) const {
    return hidden_name(file_.name, kind);
}

Result<std::unique_ptr<PartStore>> PartStore::open(io::Files& files, const std::string& folder,
                                                   const FileIdentity& file) {
    SPATE_ASSERT(storage::is_clean_file_name(file.name));
    auto opened = files.open_folder(folder, io::IfMissing::make);
    if (!opened) return fail(opened.error());
    std::unique_ptr<PartStore> store(new PartStore(std::move(*opened), file));
    if (auto locked = store->take_lock(); !locked) return fail(locked.error());
    if (auto recovered = store->recover(); !recovered) return fail(recovered.error());
    return store;
}

Result<void> PartStore::take_lock() {
    // Whoever finishes removes the lock file while holding it: a lock on a file that is gone counts for
    // nothing.
    for (int attempt = 0; attempt < 3; ++attempt) {
        auto lock = folder_->lock(name_of("lock"));
        if (!lock) {
            if (!lock.error().is(std::errc::device_or_resource_busy)) return fail(lock.error());
            return fail(Error::invalid("receive", file_.name,
                                       "another process receives it into " + folder_->path(),
                                       std::errc::device_or_resource_busy));
        }
        if (folder_->info(name_of("lock"))) {
            lock_ = std::move(*lock);
            return {};
        }
    }
    return fail(
        Error::invalid("lock", name_of("lock"), "it keeps vanishing", std::errc::device_or_resource_busy));
}

Result<void> PartStore::recover() {
    auto part = folder_->open(name_of("part"), io::OpenMode::create);
    if (!part) return fail(part.error());
    part_ = std::move(*part);
    const auto size = part_->size();
    if (!size) return fail(size.error());
    if (const auto text = storage::read_file(*folder_, name_of("state"), resume_bytes_max))
        if (auto have = read_resume_state(as_text(*text), file_)) recovered_ = std::move(*have);
    recovered_.remove({*size, std::max(*size, file_.size)});  // cut by somebody else
    if (*size > file_.size) return part_->resize(file_.size);
    return {};
}

Result<void> PartStore::write(std::uint64_t at, Bytes data) {
    SPATE_ASSERT(at <= file_.size && data.size() <= file_.size - at);
    return part_->write_at(at, data);
}

Result<void> PartStore::checkpoint(const RangeSet& have) {
    if (auto synced = part_->sync(); !synced) return synced;
    return storage::replace_file(*folder_, name_of("state"), as_bytes(write_resume_state(file_, have)));
}

Result<void> PartStore::hash_range(io::File& from, ByteRange range, hash::Md5Hasher& hasher) {
    std::vector<std::uint8_t> buffer(std::min<std::uint64_t>(hash_step, range.size()));
    while (!range.empty()) {
        if (cancelled_)
            return fail(Error::invalid("check", file_.name, "stopped", std::errc::operation_canceled));
        const MutableBytes piece =
            MutableBytes(buffer).first(std::min<std::uint64_t>(buffer.size(), range.size()));
        const auto count = from.read_at(range.start, piece);
        if (!count) return fail(count.error());
        if (*count < piece.size())
            return fail(
                Error::invalid("read", name_of("part"), "it was cut while in use", std::errc::io_error));
        hasher.update(piece);
        range.start += *count;
    }
    return {};
}

Result<hash::Md5> PartStore::md5(std::span<const Arbitration::Replacement> replacements) {
    hash::Md5Hasher hasher;
    std::uint64_t position = 0;
    const auto hash_held_until = [&](std::uint64_t end) {
        return hash_range(*part_, {position, end}, hasher);
    };
    for (const auto& [range, slot] : replacements) {
        SPATE_ASSERT(range.start >= position && slot < slots_.size() && slots_[slot].size() == range.size());
        if (auto done = hash_held_until(range.start); !done) return fail(done.error());
        if (auto done = hash_range(*variants_, slots_[slot], hasher); !done) return fail(done.error());
        position = range.end;
    }
    if (auto done = hash_held_until(file_.size); !done) return fail(done.error());
    return hasher.finish();
}

Result<hash::Md5> PartStore::md5_of(ByteRange range) {
    hash::Md5Hasher hasher;
    if (auto done = hash_range(*part_, range, hasher); !done) return fail(done.error());
    return hasher.finish();
}

Result<void> PartStore::keep_variant(Arbitration::Slot slot, Bytes bytes) {
    if (!variants_) {
        auto opened = folder_->open(name_of("variants"), io::OpenMode::create_empty);
        if (!opened) return fail(opened.error());
        variants_ = std::move(*opened);
    }
    SPATE_ASSERT(slot == slots_.size());
    if (auto written = variants_->write_at(variants_end_, bytes); !written) return written;
    slots_.push_back({variants_end_, variants_end_ + bytes.size()});
    variants_end_ += bytes.size();
    return {};
}

Result<void> PartStore::apply(std::span<const Arbitration::Replacement> replacements) {
    std::vector<std::uint8_t> buffer;
    for (const auto& [range, slot] : replacements) {
        buffer.resize(range.size());
        const auto count = variants_->read_at(slots_[slot].start, buffer);
        if (!count) return fail(count.error());
        if (*count < buffer.size())
            return fail(
                Error::invalid("read", name_of("variants"), "it was cut while in use", std::errc::io_error));
        if (auto written = part_->write_at(range.start, buffer); !written) return written;
    }
    return {};
}

Result<PartStore::Target> PartStore::target() {
    const auto info = folder_->info(file_.name);
    if (!info) {
        if (info.error().is(std::errc::no_such_file_or_directory)) return Target::missing;
        return fail(info.error());
    }
    if (info->kind != io::FileKind::file || info->size != file_.size || file_.md5.empty())
        return Target::different;
    auto file = folder_->open(file_.name, io::OpenMode::read);
    if (!file) return fail(file.error());
    hash::Md5Hasher hasher;
    if (auto done = hash_range(**file, {0, file_.size}, hasher); !done) return fail(done.error());
    return to_hex(hasher.finish()) == file_.md5 ? Target::right : Target::different;
}

Result<void> PartStore::place(const std::string& name) {
    if (auto synced = part_->sync(); !synced) return synced;
    if (auto renamed = folder_->rename(name_of("part"), name); !renamed) return renamed;
    if (auto synced = folder_->sync(""); !synced) return synced;
    remove_traces();
    return {};
}

void PartStore::remove_traces() {
    // What cannot be removed is only litter; the next download of NAME overwrites it.
    for (const char* kind : {"state", "variants", "track", "part", "lock"})
        static_cast<void>(folder_->remove(name_of(kind)));
}

Result<std::string> read_cached_tracker_file(io::Files& files, const std::string& folder,
                                             const std::string& name) {
    const auto opened = files.open_folder(folder, io::IfMissing::fail);
    if (!opened) return fail(opened.error());
    const auto bytes =
        storage::read_file(**opened, hidden_name(name, "track"), cached_tracker_file_bytes_max);
    if (!bytes) return fail(bytes.error());
    return std::string(as_text(*bytes));
}

Result<void> cache_tracker_file(io::Files& files, const std::string& folder, const std::string& name,
                                std::string_view text) {
    const auto opened = files.open_folder(folder, io::IfMissing::make);
    if (!opened) return fail(opened.error());
    return storage::replace_file(**opened, hidden_name(name, "track"), as_bytes(text), storage::Sync::no);
}

}  // namespace spate::classic_peer
