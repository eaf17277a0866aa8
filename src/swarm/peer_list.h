// PeerList: the peers of one torrent that we know of, connected or not, and whom to try next.
//
// - Peers come with a source and a teller (the tracker's or the PEX peer's address). What far tellers say of
// local
//   addresses is left out (row 51), as is our own endpoint, port 0 and 1, and from PEX every port below 1024;
//   one PEX teller has at most pex_share_max untried peers in the list, all of PEX half of it (row 50).
// - next(): a peer whose pause is over, with the fewest failures, from the best source (local first), with
// the
//   highest BEP 40 priority. Seeds are not tried while we seed. The pause doubles from retry_first to
//   retry_max with jitter, counted by endpoint, and outlives its being told again.
// - One connection an address of the public network, per_local_address of a private one; of two crossing
//   connections to one peer both sides keep the one that the end with the lower peer id made (keep_ours).
// - Bans are of addresses, a /64 of IPv6 (on loopback: of endpoints), at most bans_max; the oldest is
// forgotten.
// - Full (peers_max): a new peer takes the place of one that failed, else of nobody.
//
// Pure. Memory: about 120 bytes a peer. Owner: a torrent's connections. One thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "base/endpoint.h"
#include "base/rng.h"
#include "base/time.h"
#include "swarm/address_kind.h"

namespace spate::swarm {

enum class PeerSource : std::uint8_t { user, resume, magnet, tracker, local_discovery, incoming, pex };

struct PeerListOptions {
    std::size_t peers_max = 2000;
    bool several_per_address = false;      // everywhere, not only on local networks
    std::uint32_t per_local_address = 32;  // connections from one private address; loopback: no limit
};

enum class AddResult : std::uint8_t { added, known, own, unusable, banned, too_many };

// Why a connection ended, as far as it matters for trying again.
enum class PeerEnd : std::uint8_t {
    not_reached,  // connect or handshake failed
    useless,      // not our torrent, both seeds, no slot there: try much later
    lost,         // worked for a while
    duplicate,    // another connection to it is there, or says so: try again before long
    wrong,        // broke the protocol
};

struct KnownPeer {
    Endpoint endpoint;
    PeerSource source = PeerSource::tracker;
    Address teller{};
    TimePoint retry_at{};        // not tried before
    std::uint32_t priority = 0;  // BEP 40
    std::uint8_t failures = 0;
    bool seed = false;
    bool busy = false;  // connecting or connected
    bool connected = false;
    bool ever_connected = false;
    bool untried_pex = false;  // counts in the shares of PEX
};

class PeerList {
  public:
    static constexpr std::size_t bans_max = 4096;
    static constexpr std::size_t pex_share_max = 100;
    static constexpr std::size_t own_max = 16;
    static constexpr Duration retry_first = std::chrono::seconds(15);
    static constexpr Duration retry_max = std::chrono::minutes(30);
    static constexpr Duration duplicate_max = std::chrono::minutes(2);
    static constexpr std::uint8_t failures_max = 8;  // then it is tried only if told again

    explicit PeerList(PeerListOptions options) : options_(options) {}

    // Endpoints that are us: never tried. `us`: for BEP 40.
    void add_own(const Endpoint& endpoint);
    AddResult add(const Endpoint& endpoint, PeerSource source, const Address& teller, bool seed = false);
    // A connection came in. False: refuse it: banned, or the address has its connections; while we are still
    // dialling it, keep_ours() decides.
    bool may_accept(const Address& address) const;
    void accepted(const Endpoint& remote);
    // The extension handshake of an incoming connection told where it listens: we may try it later.
    void listens_at(const Endpoint& remote, std::uint16_t port);

    // Marks it busy. Nothing: nobody is ready (next_ready() says when).
    std::optional<Endpoint> next(bool seeding, TimePoint now);
    TimePoint next_ready(bool seeding) const;  // never: nobody
    void connected(const Endpoint& endpoint);
    void ended(const Endpoint& endpoint, PeerEnd end, TimePoint now, Rng& rng);
    void set_seed(const Endpoint& endpoint, bool seed);

    void ban(const Endpoint& endpoint);
    bool banned(const Endpoint& endpoint) const;
    // It is in the list, is us, or is banned.
    bool knows(const Endpoint& endpoint) const;

    std::size_t size() const { return peers_.size(); }
    std::size_t half_open() const { return half_open_; }
    std::size_t connected_count() const { return connected_; }
    std::size_t banned_count() const { return banned_addresses_.size() + banned_endpoints_.size(); }
    // Peers worth keeping for the next run or telling others (connected once), at most so many.
    std::vector<Endpoint> good_peers(std::size_t most) const;

  private:
    using Peers = std::map<Endpoint, KnownPeer>;
    bool one_per_address(const Address& address) const;
    std::uint32_t connections_per(const Address& address) const;
    bool worth_trying(const KnownPeer& peer, bool seeding) const;
    static bool better(const KnownPeer& a, const KnownPeer& b);
    AddResult refusal(const Endpoint& endpoint, PeerSource source, const Address& teller) const;
    bool pex_is_full(const Address& teller) const;
    bool make_room(PeerSource source);
    void forget(Peers::iterator at);
    void free_address(const Address& address, bool was_connected);
    static void punish(KnownPeer& peer, PeerEnd end, TimePoint now, Rng& rng);
    void no_longer_untried_pex(KnownPeer& peer);

    PeerListOptions options_;
    Peers peers_;
    std::map<Endpoint, std::uint16_t> incoming_;  // remote end -> port it listens on, 0: unknown
    struct Ends {
        std::uint32_t busy = 0;       // connecting or connected
        std::uint32_t connected = 0;  // of those
    };
    std::map<Address, Ends> by_address_;
    std::map<Address, std::size_t> untried_by_teller_;  // of PEX
    std::size_t untried_pex_ = 0;
    std::vector<Endpoint> own_;
    std::set<Address> banned_addresses_;
    std::set<Endpoint> banned_endpoints_;
    std::deque<Endpoint> bans_;  // oldest first
    std::size_t half_open_ = 0;
    std::size_t connected_ = 0;
};

// Of two connections between the same two peers: whether the one that we made stays (row 39). Both ends
// agree.
template <class PeerId>
bool keep_ours(const PeerId& our_id, const PeerId& their_id) {
    return our_id < their_id;
}

}  // namespace spate::swarm
