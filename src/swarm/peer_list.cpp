#include "swarm/peer_list.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "base/assert.h"

namespace spate::swarm {

namespace {
Endpoint plain(const Endpoint& endpoint) {
    return {endpoint.address.unmapped(), endpoint.port};
}
// Whom bans and connections count for: an IPv4 address, a /64 of IPv6.
Address household(const Address& address) {
    return address.unmapped().source();
}
}  // namespace

bool PeerList::one_per_address(const Address& address) const {
    return !options_.several_per_address && !is_local(address);
}

std::uint32_t PeerList::connections_per(const Address& address) const {
    if (one_per_address(address)) return 1;
    return kind_of(address) == AddressKind::local && !options_.several_per_address
               ? options_.per_local_address
               : UINT32_MAX;
}

void PeerList::free_address(const Address& address, bool was_connected) {
    const auto at = by_address_.find(household(address));
    SPATE_ASSERT(at != by_address_.end());
    if (was_connected) --at->second.connected;
    if (--at->second.busy == 0) by_address_.erase(at);
}

void PeerList::add_own(const Endpoint& endpoint) {
    const auto own = plain(endpoint);
    if (std::ranges::find(own_, own) != own_.end() || own_.size() >= own_max) return;
    own_.push_back(own);
    if (const auto at = peers_.find(own); at != peers_.end() && !at->second.busy) forget(at);
    for (auto& [key, peer] : peers_) peer.priority = canonical_priority(own_.front(), key);
}

AddResult PeerList::refusal(const Endpoint& endpoint, PeerSource source, const Address& teller) const {
    if (endpoint.port <= 1 || kind_of(endpoint.address) == AddressKind::unusable) return AddResult::unusable;
    if (std::ranges::find(own_, endpoint) != own_.end()) return AddResult::own;
    const bool told = source == PeerSource::tracker || source == PeerSource::pex;
    if (told && !may_tell(teller, endpoint.address)) return AddResult::unusable;
    if (source == PeerSource::pex && endpoint.port < 1024) return AddResult::unusable;
    if (banned(endpoint)) return AddResult::banned;
    return AddResult::added;
}

bool PeerList::pex_is_full(const Address& teller) const {
    const auto by_teller = untried_by_teller_.find(teller);
    return untried_pex_ >= options_.peers_max / 2 ||
           (by_teller != untried_by_teller_.end() && by_teller->second >= pex_share_max);
}

AddResult PeerList::add(const Endpoint& told, PeerSource source, const Address& teller, bool seed) {
    const auto endpoint = plain(told);
    if (const auto result = refusal(endpoint, source, teller); result != AddResult::added) return result;
    const auto known = peers_.find(endpoint);
    if (known != peers_.end()) {
        auto& peer = known->second;
        if (source != PeerSource::pex) no_longer_untried_pex(peer);
        peer.source = std::min(peer.source, source);
        peer.seed = peer.seed || seed;
        // Given up: one more try, after the pause it has.
        if (peer.failures >= failures_max) peer.failures = failures_max - 1;
        return AddResult::known;
    }
    const bool pex = source == PeerSource::pex;
    if (pex && pex_is_full(teller.unmapped())) return AddResult::too_many;
    if (peers_.size() >= options_.peers_max && !make_room(source)) return AddResult::too_many;
    KnownPeer peer{.endpoint = endpoint, .source = source, .teller = teller.unmapped(), .seed = seed};
    if (!own_.empty()) peer.priority = canonical_priority(own_.front(), endpoint);
    peer.untried_pex = pex;
    peers_.emplace(endpoint, peer);
    if (pex) {
        ++untried_by_teller_[peer.teller];
        ++untried_pex_;
    }
    return AddResult::added;
}

void PeerList::no_longer_untried_pex(KnownPeer& peer) {
    if (!std::exchange(peer.untried_pex, false)) return;
    --untried_pex_;
    const auto at = untried_by_teller_.find(peer.teller);
    if (--at->second == 0) untried_by_teller_.erase(at);
}

void PeerList::forget(Peers::iterator at) {
    no_longer_untried_pex(at->second);
    peers_.erase(at);
}

bool PeerList::make_room(PeerSource source) {
    auto worst = peers_.end();
    for (auto at = peers_.begin(); at != peers_.end(); ++at) {
        const auto& peer = at->second;
        const bool may_go = peer.failures > 0 || (peer.untried_pex && source != PeerSource::pex);
        if (peer.busy || !may_go) continue;
        if (worst == peers_.end() || peer.failures > worst->second.failures) worst = at;
    }
    if (worst == peers_.end()) return false;
    forget(worst);
    return true;
}

bool PeerList::may_accept(const Address& address) const {
    const auto from = address.unmapped();
    if (banned_addresses_.contains(household(from))) return false;
    const auto at = by_address_.find(household(from));
    return at == by_address_.end() || at->second.connected < connections_per(from);
}

void PeerList::accepted(const Endpoint& remote) {
    const auto from = plain(remote);
    // The same end again: it died unseen, and its place is taken over.
    if (!incoming_.emplace(from, std::uint16_t{0}).second) return;
    auto& ends = by_address_[household(from.address)];
    ++ends.busy;
    ++ends.connected;
    ++connected_;
}

void PeerList::listens_at(const Endpoint& remote, std::uint16_t port) {
    const auto incoming = incoming_.find(plain(remote));
    if (incoming == incoming_.end() || incoming->second != 0) return;
    const Endpoint listening{incoming->first.address, port};
    add(listening, PeerSource::incoming, listening.address);
    const auto at = peers_.find(listening);
    if (at == peers_.end() || at->second.busy) return;
    incoming->second = port;
    at->second.busy = true;
    at->second.connected = true;
    at->second.ever_connected = true;
    at->second.failures = 0;
    no_longer_untried_pex(at->second);
}

bool PeerList::worth_trying(const KnownPeer& peer, bool seeding) const {
    return !peer.busy && peer.failures < failures_max && !(seeding && peer.seed) &&
           !(one_per_address(peer.endpoint.address) &&
             by_address_.contains(household(peer.endpoint.address)));
}

bool PeerList::better(const KnownPeer& a, const KnownPeer& b) {
    const auto place = [](const KnownPeer& peer) {
        return std::tuple(peer.failures, !is_local(peer.endpoint.address), peer.source, ~peer.priority);
    };
    return place(a) < place(b);
}

std::optional<Endpoint> PeerList::next(bool seeding, TimePoint now) {
    KnownPeer* best = nullptr;
    for (auto& [endpoint, peer] : peers_)
        if (peer.retry_at <= now && worth_trying(peer, seeding) && (best == nullptr || better(peer, *best)))
            best = &peer;
    if (best == nullptr) return std::nullopt;
    best->busy = true;
    no_longer_untried_pex(*best);
    ++by_address_[household(best->endpoint.address)].busy;
    ++half_open_;
    return best->endpoint;
}

TimePoint PeerList::next_ready(bool seeding) const {
    auto soonest = never;
    for (const auto& [endpoint, peer] : peers_)
        if (peer.retry_at < soonest && worth_trying(peer, seeding)) soonest = peer.retry_at;
    return soonest;
}

void PeerList::connected(const Endpoint& endpoint) {
    const auto at = peers_.find(plain(endpoint));
    if (at == peers_.end() || !at->second.busy || at->second.connected) return;
    at->second.connected = true;
    at->second.ever_connected = true;
    ++by_address_[household(at->first.address)].connected;
    --half_open_;
    ++connected_;
}

void PeerList::punish(KnownPeer& peer, PeerEnd end, TimePoint now, Rng& rng) {
    if (end == PeerEnd::lost) peer.failures = 0;
    const bool duplicate = end == PeerEnd::duplicate;
    auto pause = retry_first;
    for (int i = 0; i < peer.failures && pause < retry_max; ++i) pause *= 2;
    if (end == PeerEnd::useless || end == PeerEnd::wrong) pause = retry_max;
    const auto most = duplicate ? duplicate_max : retry_max;
    const auto half = static_cast<std::uint64_t>(std::min<Duration>(pause, most).count() / 2);
    peer.retry_at = now + Duration(static_cast<Duration::rep>(half + rng.below(half + 1)));
    const auto failures = duplicate ? failures_max - 1 : failures_max;  // it is never given up for that
    if (end != PeerEnd::lost && peer.failures < failures) ++peer.failures;
}

void PeerList::ended(const Endpoint& endpoint, PeerEnd end, TimePoint now, Rng& rng) {
    auto key = plain(endpoint);
    if (const auto incoming = incoming_.find(key); incoming != incoming_.end()) {
        free_address(key.address, true);
        --connected_;
        const auto port = incoming->second;
        incoming_.erase(incoming);
        if (port == 0) return;
        key.port = port;
    } else {
        const auto at = peers_.find(key);
        if (at == peers_.end() || !at->second.busy) return;
        free_address(key.address, at->second.connected);
        --(at->second.connected ? connected_ : half_open_);
    }
    const auto at = peers_.find(key);
    SPATE_ASSERT(at != peers_.end());  // busy ones are never forgotten
    at->second.busy = at->second.connected = false;
    punish(at->second, end, now, rng);
    if (banned(key)) forget(at);
}

void PeerList::set_seed(const Endpoint& endpoint, bool seed) {
    const auto at = peers_.find(plain(endpoint));
    if (at != peers_.end()) at->second.seed = seed;
}

void PeerList::ban(const Endpoint& endpoint) {
    const auto key = plain(endpoint);
    if (banned(key)) return;
    const bool whole_address = kind_of(key.address) != AddressKind::loopback;
    if (whole_address)
        banned_addresses_.insert(household(key.address));
    else
        banned_endpoints_.insert(key);
    bans_.push_back(key);
    if (bans_.size() > bans_max) {
        banned_addresses_.erase(household(bans_.front().address));
        banned_endpoints_.erase(bans_.front());
        bans_.pop_front();
    }
    for (auto at = peers_.begin(); at != peers_.end();) {
        const auto next = std::next(at);
        if (!at->second.busy && banned(at->first)) forget(at);
        at = next;
    }
}

bool PeerList::banned(const Endpoint& endpoint) const {
    const auto key = plain(endpoint);
    return banned_addresses_.contains(household(key.address)) || banned_endpoints_.contains(key);
}

bool PeerList::knows(const Endpoint& endpoint) const {
    const auto key = plain(endpoint);
    return peers_.contains(key) || std::ranges::find(own_, key) != own_.end() || banned(key);
}

std::vector<Endpoint> PeerList::good_peers(std::size_t most) const {
    std::vector<Endpoint> good;
    for (const auto& [endpoint, peer] : peers_) {
        if (good.size() >= most) break;
        if (peer.ever_connected && peer.failures < failures_max / 2) good.push_back(endpoint);
    }
    return good;
}

}  // namespace spate::swarm
