// WindowCache: windows of pieces that were sent from lately, over all stores. A window is at most 256 KiB of
// one piece, read in one call into a buffer that stays in the processor's cache when it is used again soon:
// that is several times cheaper than mapping the file (docs/decisions/0005-piece-store.md). No byte is read
// from disk that nobody asked the piece for. What is in a window was right when it was read and stays so. The
// longest unused go first. Limits: `bytes` of memory are kept; windows that queued blocks look into live on
// until those are sent. Thread: the reactor's; buffers() any.
#pragma once

#include <compare>
#include <cstdint>
#include <list>
#include <map>

#include "piece_store/file_set.h"

namespace spate::piece_store {

inline constexpr std::uint32_t window_bytes = BufferBudget::buffer_max;

class WindowCache {
  public:
    struct Key {
        std::uint64_t set = 0;  // a FileSet's id()
        std::uint32_t piece = 0;
        std::uint32_t window = 0;  // of the piece
        auto operator<=>(const Key&) const = default;
    };

    // A quarter of `bytes` is for windows on their way in or out: at its limit the budget frees buffers
    // instead of giving them out again, and fresh memory costs a page fault for every 4 KiB.
    explicit WindowCache(std::size_t bytes) : memory_max_(bytes - bytes / 4), buffers_(bytes) {}

    BufferBudget& buffers() { return buffers_; }

    Window find(Key key);  // or null
    void put(Key key, Window window);
    void drop_piece(std::uint64_t set, std::uint32_t piece);
    void drop_set(std::uint64_t set);

  private:
    struct Kept {
        Window window;
        std::list<Key>::iterator use;
    };
    using Map = std::map<Key, Kept>;
    void erase(Map::iterator first, Map::iterator end);

    const std::size_t memory_max_;
    BufferBudget buffers_;
    std::size_t memory_ = 0;  // of the windows
    Map kept_;
    std::list<Key> by_use_;  // the latest first
};

}  // namespace spate::piece_store
