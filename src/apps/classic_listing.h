// ClassicListing: keeps a file that we share known to the classic protocol's tracker, since our BitTorrent
// port answers the classic GET too. Owner: the share or get command. Thread: the loop's.
#pragma once

#include "apps/torrent_teller.h"
#include "base/range_set.h"
#include "base/rng.h"
#include "classic_peer/announcer.h"
#include "engine/add_torrent.h"
#include "io/world.h"

namespace spate::apps {

class ClassicListing final : private classic_peer::PeerEvents {
  public:
    ClassicListing(io::World& world, const engine::ClassicEntry& entry, std::uint16_t port, ByteRange range,
                   std::uint64_t size, TorrentTeller& teller);

    // It is served again.
    void announce() { announcer_.announce(range_); }
    // It is served no more; `done` in a later turn, when the tracker knows or had its time.
    void withdraw(io::Callback done) { announcer_.withdraw(std::move(done)); }

  private:
    void on_warning(const std::string& text) override;

    TorrentTeller& teller_;
    const ByteRange range_;
    Rng rng_;
    classic_peer::Announcer announcer_;
};

}  // namespace spate::apps
