#include "piece_store/file_handles.h"

#include <utility>

namespace spate::piece_store {

std::uint64_t FileHandles::new_set() {
    const std::lock_guard guard(mutex_);
    return ++sets_;
}

std::shared_ptr<FileHandle> FileHandles::find(Key key, bool writable) {
    const std::lock_guard guard(mutex_);
    const auto found = open_.find(key);
    if (found == open_.end() || (writable && !found->second.handle->writable)) return nullptr;
    by_use_.splice(by_use_.begin(), by_use_, found->second.use);
    return found->second.handle;
}

// Who holds it besides under that key cannot let go of it while we hold the lock.
void FileHandles::give_back(Key key, std::shared_ptr<FileHandle> handle) {
    const std::lock_guard guard(mutex_);
    const auto found = open_.find(key);
    if (found != open_.end() && found->second.handle == handle)
        handle.reset();
    else
        to_close_.push_back(std::move(handle));
}

std::shared_ptr<FileHandle> FileHandles::put(Key key, std::shared_ptr<FileHandle> handle) {
    Closing closing;  // outside the lock: closing a file may take a while
    const std::lock_guard guard(mutex_);
    closing.swap(to_close_);
    if (const auto found = open_.find(key); found != open_.end()) {
        auto& there = found->second.handle;
        if (handle->writable && !there->writable) closing.push_back(std::exchange(there, std::move(handle)));
        return there;
    }
    if (open_.size() >= max_) {
        const auto last = open_.find(by_use_.back());
        closing.push_back(std::move(last->second.handle));
        open_.erase(last);
        by_use_.pop_back();
    }
    by_use_.push_front(key);
    return open_.emplace(key, Entry{std::move(handle), by_use_.begin()}).first->second.handle;
}

void FileHandles::drop(Key key) {
    Closing closing;
    const std::lock_guard guard(mutex_);
    closing.swap(to_close_);
    const auto found = open_.find(key);
    if (found == open_.end()) return;
    closing.push_back(std::move(found->second.handle));
    by_use_.erase(found->second.use);
    open_.erase(found);
}

void FileHandles::drop_set(std::uint64_t set) {
    Closing closing;
    const std::lock_guard guard(mutex_);
    closing.swap(to_close_);
    const auto begin = open_.lower_bound({.set = set});
    const auto end = open_.lower_bound({.set = set + 1});
    for (auto it = begin; it != end; ++it) {
        by_use_.erase(it->second.use);
        closing.push_back(std::move(it->second.handle));
    }
    open_.erase(begin, end);
}

std::size_t FileHandles::size() const {
    const std::lock_guard guard(mutex_);
    return open_.size();
}

}  // namespace spate::piece_store
