// WindowCache: windows of pieces that were sent from lately, over all stores. A window is at most 1 MiB of
// one piece, so that no byte is read from disk that nobody asked the piece for. The longest unused go first.
// Limits: `bytes` are kept; windows that queued blocks look into live on until those are sent. Thread: the
// reactor's.
#pragma once

#include <compare>
#include <cstdint>
#include <list>
#include <map>

#include "base/time.h"
#include "piece_store/file_set.h"

namespace spate::piece_store {

inline constexpr std::uint32_t window_bytes = 1 << 20;

class WindowCache {
  public:
    struct Key {
        std::uint64_t set = 0;  // a FileSet's id()
        std::uint32_t piece = 0;
        std::uint32_t window = 0;  // of the piece
        auto operator<=>(const Key&) const = default;
    };
    struct Entry {
        Window window;
        TimePoint checked{};  // when its files were last seen unchanged
    };

    explicit WindowCache(std::size_t bytes) : bytes_max_(bytes) {}

    // Null: not there. Good until the next call.
    const Entry* find(Key key);
    void put(Key key, Entry entry);
    void drop_piece(std::uint64_t set, std::uint32_t piece);
    void drop_set(std::uint64_t set);
    std::size_t bytes() const { return bytes_; }

  private:
    struct Kept {
        Entry entry;
        std::list<Key>::iterator use;
    };
    using Map = std::map<Key, Kept>;
    void erase(Map::iterator first, Map::iterator end);

    const std::size_t bytes_max_;
    std::size_t bytes_ = 0;
    Map kept_;
    std::list<Key> by_use_;  // the latest first
};

}  // namespace spate::piece_store
