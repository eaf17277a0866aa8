#include "classic_peer/served_file.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "base/assert.h"

namespace spate::classic_peer {

struct ServedFile::Handle {
    std::string folder_path;
    std::string name;
    std::unique_ptr<io::Folder> folder;
    std::unique_ptr<io::File> file;
    io::FileInfo info;
    std::atomic<bool> cancelled = false;

    Result<Opened> open(io::Files& files) {
        auto opened_folder = files.open_folder(folder_path, io::IfMissing::fail);
        if (!opened_folder) return fail(opened_folder.error());
        folder = std::move(*opened_folder);
        const auto now = folder->info(name);
        if (!now) return fail(now.error());
        info = *now;
        auto opened = folder->open(name, io::OpenMode::read);
        if (!opened) return fail(opened.error());
        file = std::move(*opened);
        hash::Md5Hasher hasher;
        Block buffer(1 << 20);
        for (std::uint64_t at = 0; at < info.size;) {
            if (cancelled)
                return fail(Error::invalid("read", name, "stopped", std::errc::operation_canceled));
            const auto count = file->read_at(at, buffer);
            if (!count) return fail(count.error());
            if (*count == 0) break;
            hasher.update(Bytes(buffer).first(*count));
            at += *count;
        }
        if (auto same = unchanged(); !same) return fail(same.error());
        return Opened{info.size, hasher.finish()};
    }

    Result<void> unchanged() {
        const auto now = folder->info(name);
        if (!now) return fail(now.error());
        if (now->kind == io::FileKind::file && *now == info) return {};
        return fail(Error::invalid("serve", name, "it was changed while it was shared", std::errc::io_error));
    }

    // `known`: the block as read before; then only the file's state is looked at.
    Result<std::shared_ptr<const Block>> read(std::uint64_t index, std::shared_ptr<const Block> known) {
        if (!known) {
            const std::uint64_t at = index * block_bytes;
            Block block(std::min(block_bytes, info.size - at));
            const auto count = file->read_at(at, block);
            if (!count) return fail(count.error());
            if (*count < block.size())
                return fail(Error::invalid("serve", name, "it became shorter while it was shared",
                                           std::errc::io_error));
            known = std::make_shared<const Block>(std::move(block));
        }
        if (auto same = unchanged(); !same) return fail(same.error());
        return known;
    }
};

ServedFile::ServedFile(io::World& world, std::string folder, std::string name)
    : world_(world), handle_(std::make_shared<Handle>()), jobs_(world.pool) {
    handle_->folder_path = std::move(folder);
    handle_->name = std::move(name);
}

ServedFile::~ServedFile() {
    handle_->cancelled = true;
}

void ServedFile::open(std::move_only_function<void(Result<Opened>)> done) {
    jobs_.run<Result<Opened>>([handle = handle_, &files = world_.files] { return handle->open(files); },
                              std::move(done));
}

bool ServedFile::fresh(std::uint64_t index) const {
    const auto it = cache_.find(index);
    return it != cache_.end() && world_.reactor.now() - it->second.checked <= fresh_for;
}

bool ServedFile::copy(ByteRange range, std::string& out) {
    SPATE_ASSERT(!range.empty());
    const std::uint64_t first = range.start / block_bytes;
    const std::uint64_t last = (range.end - 1) / block_bytes;
    for (std::uint64_t index = first; index <= last; ++index)
        if (!fresh(index)) return false;
    for (std::uint64_t index = first; index <= last; ++index) {
        Cached& cached = cache_.at(index);
        const std::uint64_t base = index * block_bytes;
        const std::uint64_t from = std::max(range.start, base) - base;
        const std::uint64_t to = std::min(range.end - base, block_bytes);
        out += as_text(Bytes(*cached.bytes).subspan(from, to - from));
        by_use_.splice(by_use_.begin(), by_use_, cached.use);
    }
    return true;
}

void ServedFile::load(ByteRange range, std::move_only_function<void(Result<void>)> done) {
    std::uint64_t index = range.start / block_bytes;
    if (fresh(index)) index = (range.end - 1) / block_bytes;
    Waiting& waiting = loading_[index];
    waiting.push_back(std::move(done));
    if (waiting.size() == 1) submit(index);
    const std::uint64_t next = index + 1;  // read ahead
    if (!broken_ && next * block_bytes < handle_->info.size && !cache_.contains(next) &&
        !loading_.contains(next)) {
        loading_[next].push_back([](Result<void>) {});
        submit(next);
    }
}

void ServedFile::submit(std::uint64_t index) {
    const auto cached = cache_.find(index);
    auto known = cached == cache_.end() ? nullptr : cached->second.bytes;
    jobs_.run<Result<std::shared_ptr<const Block>>>(
        [handle = handle_, index, known = std::move(known)] { return handle->read(index, known); },
        [this, index](Result<std::shared_ptr<const Block>> block) { loaded(index, std::move(block)); });
}

void ServedFile::loaded(std::uint64_t index, Result<std::shared_ptr<const Block>> block) {
    Result<void> result;
    if (!block && !broken_) broken_ = block.error();
    if (broken_) {
        cache_.clear();
        by_use_.clear();
        result = fail(*broken_);
    } else if (const auto it = cache_.find(index); it != cache_.end()) {
        it->second.checked = world_.reactor.now();
    } else {
        if (cache_.size() >= blocks_max) {
            cache_.erase(by_use_.back());
            by_use_.pop_back();
        }
        by_use_.push_front(index);
        cache_.emplace(index, Cached{*block, world_.reactor.now(), by_use_.begin()});
    }
    Waiting waiting = std::move(loading_.at(index));
    loading_.erase(index);
    for (auto& done : waiting) done(result);
}

}  // namespace spate::classic_peer
