// Replies: what LIST and GET are answered, kept ready to send until the catalogue changes. Invariant: a reply
// says what the catalogue held when it was asked for, without peers that are dead by then. Memory: the LIST
// reply, and at most Limits::cached_reply_bytes of GET replies (all are dropped when that is reached). Owner
// and thread: as the Catalogue's.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/time.h"
#include "catalogue/catalogue.h"
#include "catalogue/limits.h"

namespace spate::catalogue {

using Reply = std::shared_ptr<const std::string>;

// The tracker file of an entry with the peers that live at `now`.
std::string tracker_file_text(const Entry& entry, WallTime now, std::chrono::seconds peer_timeout);

class Replies {
  public:
    // Both outlive this object.
    Replies(const Catalogue& catalogue, const Limits& limits) : catalogue_(catalogue), limits_(limits) {}

    Reply list();
    // Null: no such classic entry.
    Reply get(std::string_view name, WallTime now);

    // What the catalogue has just adopted; or everything may have changed.
    void forget(const Changes& changes);
    void forget_all();

  private:
    struct Ready {
        Reply reply;
        WallTime made_at;
        std::optional<WallTime> good_until;  // when a peer in it dies; none: for ever
    };
    struct NameHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view name) const { return std::hash<std::string_view>()(name); }
    };

    const Catalogue& catalogue_;
    const Limits& limits_;
    Reply list_;
    std::size_t list_bytes_ = 0;  // what to reserve for the next one
    std::unordered_map<std::string, Ready, NameHash, std::equal_to<>> ready_;
    std::size_t ready_bytes_ = 0;
};

}  // namespace spate::catalogue
