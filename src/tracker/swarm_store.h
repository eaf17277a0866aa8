// SwarmStore: who shares what: swarms by info-hash and their peers, for every protocol that announces. A
// record is 12 bytes (IPv4) or 24 (IPv6); a swarm 56 bytes and its lists. Tables are keyed with a secret, as
// peers choose what is in them (trackers.md 2.4, 3.2 rows 12 to 16, 28, 29, 33, 3.3). Pure.
//
//   - A peer is an endpoint in a swarm; peer_id and key only tell that its IPv4 and IPv6 records are one
//   client, and who may say that a peer stops. Another client that announces from its endpoint replaces it.
//   - Silent peers are gone from every reply as soon as their time is over; sweep() frees the memory of
//   swarms
//     that nobody asks about.
//   - Full: known peers are refreshed, everybody is answered, newcomers are not kept; a new swarm takes the
//     place of one whose only peer is overdue.
//   - What is kept over a restart goes out by shard() and comes in by restore() (swarm_file.h).
// Limits: SwarmLimits. Thread: the owner's.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "announce/announce.h"
#include "base/endpoint.h"
#include "base/rng.h"
#include "base/time.h"
#include "hash/keyed_hash.h"
#include "tracker/kept_swarm.h"
#include "tracker/swarm_limits.h"
#include "tracker/swarm_table.h"

namespace spate::tracker {

struct SwarmTotals {
    std::uint64_t swarms = 0;
    std::uint64_t peers_v4 = 0;  // records; some may be silent for too long and not yet swept
    std::uint64_t peers_v6 = 0;
    std::uint64_t evicted_swarms = 0;  // to make room, since the start
    std::uint64_t peers_not_kept = 0;  // for want of room or by address, since the start
    std::uint64_t completed = 0;       // since the start
};

// What a peer is given: at most `count`, its own family first, then the other where it can be told.
struct PeersWanted {
    std::uint32_t count = 50;
    bool both_families = false;
};

class SwarmStore {
  public:
    SwarmStore(const SwarmLimits& limits, const hash::SipKey& key, std::uint64_t seed);

    // Takes in what the peer at `from` (its address, its announced port) says and fills in complete,
    // incomplete, downloaded and peers of the reply. `now` never goes back.
    void announce(const announce::AnnounceRequest& request, const Endpoint& from, PeersWanted wanted,
                  TimePoint now, announce::AnnounceReply& reply);
    // Without a trace: no swarm is made, nothing is refreshed. Unknown: zeros.
    announce::ScrapeCounts counts(const hash::Sha1& swarm, TimePoint now);

    // Looks at the next `places` of the table and frees what is over. All of it should be looked at within
    // nine hours, and is to be within minutes.
    void sweep(TimePoint now, std::size_t places);
    std::size_t places() const { return table_.capacity(); }
    SwarmTotals totals() const;

    // What shard() shows has changed when this has.
    std::uint64_t changes() const { return changes_; }
    static constexpr std::size_t shard_count = SwarmTable::shard_count;
    std::span<const Swarm> shard(std::size_t number) const { return table_.shard(number); }
    // Under which clients are told apart in records; secret. Goes with them, and is set before anybody
    // announces.
    const hash::SipKey& client_key() const { return client_key_; }
    void set_client_key(const hash::SipKey& key) { client_key_ = key; }
    // A swarm of before, or a part of it; saved so long ago. Who was silent for too long and what the caps
    // have no room for is left out. settle() once all is there.
    void restore(const KeptSwarm& kept, Duration since_saved, TimePoint now);
    void settle();

  private:
    template <class Record>
    void keep(Swarm& swarm, const announce::AnnounceRequest& request, const Endpoint& from, Tick now);
    template <class Record>
    void refresh(Swarm& swarm, std::uint32_t at, const announce::AnnounceRequest& request, Tick now);
    template <class Record>
    bool has_room(const Swarm& swarm, const Address& from) const;
    template <class Record>
    void leave(Swarm& swarm, const Endpoint& from, std::uint32_t client);
    template <class Record>
    void drop(Swarm& swarm, std::uint32_t at);
    template <class Record>
    std::uint16_t drop_expired_of(Swarm& swarm, Tick now);
    void drop_expired(Swarm& swarm, Tick now);
    Swarm* swarm_for(const announce::AnnounceRequest& request, const Endpoint& from, Tick now);
    bool make_room(Tick now);
    bool forget_if_empty(Swarm& swarm);
    void give_peers(const Swarm& swarm, const announce::AnnounceRequest& request, const Endpoint& from,
                    PeersWanted wanted, std::vector<Endpoint>& peers);
    std::uint32_t client_of(const announce::AnnounceRequest& request) const;
    template <class Record>
    void restore_peer(Swarm& swarm, const KeptPeer& peer, Tick heard);
    template <class Record>
    void settle_seconds(Swarm& swarm);

    SwarmLimits limits_;
    hash::SipKey key_;
    hash::SipKey client_key_;
    std::uint64_t changes_ = 0;
    Rng rng_;
    SwarmTable table_;
    SwarmTotals totals_;
};

}  // namespace spate::tracker
