#include "piece_store/window_cache.h"

#include <limits>

namespace spate::piece_store {

Window WindowCache::find(Key key) {
    const auto found = kept_.find(key);
    if (found == kept_.end()) return nullptr;
    by_use_.splice(by_use_.begin(), by_use_, found->second.use);
    return found->second.window;
}

void WindowCache::erase(Map::iterator first, Map::iterator end) {
    for (auto at = first; at != end; at = kept_.erase(at)) {
        memory_ -= at->second.window->memory();
        by_use_.erase(at->second.use);
    }
}

void WindowCache::put(Key key, Window window) {
    if (const auto found = kept_.find(key); found != kept_.end()) erase(found, std::next(found));
    memory_ += window->memory();
    by_use_.push_front(key);
    kept_.emplace(key, Kept{std::move(window), by_use_.begin()});
    while (memory_ > memory_max_ && kept_.size() > 1) {
        const auto last = kept_.find(by_use_.back());
        erase(last, std::next(last));
    }
}

void WindowCache::drop_piece(std::uint64_t set, std::uint32_t piece) {
    constexpr auto last = std::numeric_limits<std::uint32_t>::max();
    erase(kept_.lower_bound({set, piece, 0}), kept_.upper_bound({set, piece, last}));
}

void WindowCache::drop_set(std::uint64_t set) {
    constexpr auto last = std::numeric_limits<std::uint32_t>::max();
    erase(kept_.lower_bound({set, 0, 0}), kept_.upper_bound({set, last, last}));
}

}  // namespace spate::piece_store
