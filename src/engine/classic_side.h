// ClassicSide: a torrent of one file among classic peers: served to them, and fetched from them while
// something is missing. Owner: Content. Thread: the reactor's.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "engine/classic_share.h"
#include "engine/classic_sources.h"
#include "engine/session_share.h"

namespace spate::engine {

class ClassicSide {
  public:
    // Nothing is done before serve() or fetch(). Everything given outlives it.
    ClassicSide(SessionShare& share, swarm::RateLimiter& down, swarm::RateLimiter& up)
        : share_(share), down_(down), up_(up) {}

    void serve(const ClassicEntry& entry, const metainfo::FileLayout& layout, piece_store::PieceStore& store,
               const metainfo::Bitfield& shown);
    void fetch(const ClassicEntry& entry, const metainfo::FileLayout& layout, Downloads& downloads,
               PeerTable& peers, ClassicSourcesOwner& owner);

    // Of what is served.
    void on_there(metainfo::PieceIndex piece);
    void on_lost();
    std::uint64_t sent() const { return served_ ? served_->sent() : 0; }
    // Of what is fetched: nothing is missing any more; something is again.
    void stop_fetching();
    void fetch_again();
    void fill(TimePoint now);
    void on_shown_wrong(const Endpoint& sender);

  private:
    SessionShare& share_;
    swarm::RateLimiter& down_;
    swarm::RateLimiter& up_;
    std::unique_ptr<ClassicShare> served_;     // null: not shared with classic peers
    std::unique_ptr<ClassicSources> sources_;  // null: not fetched from them
};

}  // namespace spate::engine
