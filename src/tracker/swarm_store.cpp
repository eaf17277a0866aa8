#include "tracker/swarm_store.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "tracker/swarm_records.h"

namespace spate::tracker {

using announce::AnnounceRequest;
using announce::Event;

namespace {

constexpr int looked_at_for_room = 32;

// The first record of that client that is second() or not, as asked.
template <class List>
std::optional<std::uint32_t> find_client(const List& list, std::uint32_t client, bool second) {
    const auto records = list.records();
    for (std::uint32_t at = 0; at < records.size(); ++at)
        if (records[at].client == client && records[at].second() == second) return at;
    return std::nullopt;
}

// Another key, which tells nothing of the first.
hash::SipKey derived(const hash::SipKey& key) {
    hash::SipKey made{};
    for (const auto half : {std::uint8_t{0}, std::uint8_t{1}}) {
        const auto value = hash::siphash(key, std::array{half});
        std::memcpy(made.data() + std::size_t{8} * half, &value, sizeof value);
    }
    return made;
}

}  // namespace

SwarmStore::SwarmStore(const SwarmLimits& limits, const hash::SipKey& key, std::uint64_t seed)
    : limits_(limits), key_(key), client_key_(derived(key)), rng_(seed), table_(key) {}

std::uint32_t SwarmStore::client_of(const AnnounceRequest& request) const {
    std::array<std::uint8_t, 24> identity{};
    std::copy(request.peer_id.begin(), request.peer_id.end(), identity.begin());
    const std::uint32_t number = request.key.value_or(0);
    std::memcpy(identity.data() + 20, &number, sizeof number);
    return static_cast<std::uint32_t>(hash::siphash(client_key_, identity));
}

void SwarmStore::announce(const AnnounceRequest& request, const Endpoint& from, PeersWanted wanted,
                          TimePoint now, announce::AnnounceReply& reply) {
    reply.complete = reply.incomplete = 0;
    reply.downloaded = 0;
    reply.peers.clear();
    const Endpoint peer{from.address.unmapped(), request.port};
    const bool v4 = peer.address.is_v4();
    const auto tick = tick_at(now);
    ++changes_;
    auto* swarm = swarm_for(request, peer, tick);
    if (swarm == nullptr) return;
    drop_expired(*swarm, tick);
    const bool stops = request.event == Event::stopped;
    if (stops) {
        const auto client = client_of(request);
        v4 ? leave<PeerV4>(*swarm, peer, client) : leave<PeerV6>(*swarm, peer, client);
    } else if (may_be_kept(peer, limits_.global_addresses_only)) {
        v4 ? keep<PeerV4>(*swarm, request, peer, tick) : keep<PeerV6>(*swarm, request, peer, tick);
    }
    reply.complete = swarm->seeds;
    reply.incomplete = swarm->leechers + swarm->partial_seeds;
    reply.downloaded = swarm->downloaded;
    if (!stops) give_peers(*swarm, request, peer, wanted, reply.peers);
    forget_if_empty(*swarm);
}

Swarm* SwarmStore::swarm_for(const AnnounceRequest& request, const Endpoint& from, Tick now) {
    if (auto* known = table_.find(request.swarm)) return known;
    if (request.event == Event::stopped) return nullptr;
    const bool kept = may_be_kept(from, limits_.global_addresses_only) &&
                      totals_.peers_v4 + totals_.peers_v6 < limits_.peers &&
                      (table_.size() < limits_.swarms || make_room(now));
    if (!kept) {
        ++totals_.peers_not_kept;
        return nullptr;
    }
    auto& made = table_.make(request.swarm);
    made.oldest = now;
    return &made;
}

template <class Record>
void SwarmStore::keep(Swarm& swarm, const AnnounceRequest& request, const Endpoint& from, Tick now) {
    auto& list = list_of<Record>(swarm);
    Record record;
    record.set_endpoint(from);
    record.client = client_of(request);
    if (const auto at = list.find(key_, from)) {
        if (list.records()[*at].client == record.client) return refresh<Record>(swarm, *at, request, now);
        drop<Record>(swarm, *at);  // another client listens there now
    } else if (!has_room<Record>(swarm, from.address)) {
        ++totals_.peers_not_kept;
        return;
    }
    const auto kind = kind_of(request);
    const auto& others = list_of<Other<Record>>(swarm);
    const bool second = others.size() > 0 && find_client(others, record.client, false).has_value();
    if (swarm.records() == 0) swarm.oldest = now;
    record.set(kind, second, now);
    list.insert(key_, record);
    ++(from.address.is_v4() ? totals_.peers_v4 : totals_.peers_v6);
    if (!second) ++counter(swarm, kind);
}

template <class Record>
void SwarmStore::refresh(Swarm& swarm, std::uint32_t at, const AnnounceRequest& request, Tick now) {
    auto& list = list_of<Record>(swarm);
    const auto record = list.records()[at];
    const auto kind = kind_of(request);
    list.set(key_, at, kind, record.second(), now);
    if (record.second()) return;
    --counter(swarm, record.kind());
    ++counter(swarm, kind);
    if (request.event != Event::completed || kind != PeerKind::seed || record.kind() == PeerKind::seed)
        return;
    ++swarm.downloaded;
    ++totals_.completed;
}

template <class Record>
bool SwarmStore::has_room(const Swarm& swarm, const Address& from) const {
    if (totals_.peers_v4 + totals_.peers_v6 >= limits_.peers) return false;
    if (swarm.records() >= limits_.peers_per_swarm) return false;
    if (from.is_loopback()) return true;
    const auto source_bytes = from.is_v4() ? 4 : 8;  // Address::source
    std::uint32_t of_source = 0;
    for (const auto& record : list_of<Record>(const_cast<Swarm&>(swarm)).records())
        of_source +=
            std::equal(record.address.begin(), record.address.begin() + source_bytes, from.octets().begin());
    return of_source < limits_.peers_per_source;
}

template <class Record>
void SwarmStore::leave(Swarm& swarm, const Endpoint& from, std::uint32_t client) {
    const auto at = list_of<Record>(swarm).find(key_, from);
    if (at && list_of<Record>(swarm).records()[*at].client == client) drop<Record>(swarm, *at);
}

template <class Record>
void SwarmStore::drop(Swarm& swarm, std::uint32_t at) {
    auto& list = list_of<Record>(swarm);
    const auto record = list.records()[at];
    list.remove(key_, at);
    --(std::is_same_v<Record, PeerV4> ? totals_.peers_v4 : totals_.peers_v6);
    if (record.second()) return;
    --counter(swarm, record.kind());
    auto& others = list_of<Other<Record>>(swarm);
    if (others.seconds() == 0) return;
    // The client's other record counts from now on.
    const auto left = find_client(others, record.client, true);
    if (!left) return;
    const auto other = others.records()[*left];
    others.set(key_, *left, other.kind(), false, other.heard());
    ++counter(swarm, other.kind());
}

// The age of the oldest that stays.
template <class Record>
std::uint16_t SwarmStore::drop_expired_of(Swarm& swarm, Tick now) {
    const auto life = steps_of(limits_.peer_life);
    std::uint16_t oldest = 0;
    // Backwards: what drop() moves comes from behind and has been looked at.
    for (auto at = list_of<Record>(swarm).size(); at-- > 0;) {
        const auto age = now.since(list_of<Record>(swarm).records()[at].heard());
        if (age > life)
            drop<Record>(swarm, at);
        else
            oldest = std::max(oldest, age);
    }
    return oldest;
}

void SwarmStore::drop_expired(Swarm& swarm, Tick now) {
    if (now.since(swarm.oldest) <= steps_of(limits_.peer_life) || swarm.records() == 0) return;
    const auto age = std::max(drop_expired_of<PeerV4>(swarm, now), drop_expired_of<PeerV6>(swarm, now));
    swarm.oldest = now.before(age);
}

bool SwarmStore::forget_if_empty(Swarm& swarm) {
    if (swarm.records() > 0 || swarm.downloaded > 0) return false;
    table_.erase(swarm);
    return true;
}

// Who only repeats old news goes: a swarm that has nobody, or the one whose single peer is silent longest.
bool SwarmStore::make_room(Tick now) {
    auto longest = steps_of(limits_.overdue);
    Swarm* chosen = nullptr;
    for (int i = 0; i < looked_at_for_room; ++i) {
        auto* swarm = table_.next();
        if (swarm == nullptr || swarm->records() > 1) continue;
        if (swarm->records() == 0) {
            chosen = swarm;
            break;
        }
        const auto silent =
            now.since(swarm->v4.size() > 0 ? swarm->v4.records()[0].heard() : swarm->v6.records()[0].heard());
        if (silent < longest) continue;
        longest = silent;
        chosen = swarm;
    }
    if (chosen == nullptr) return false;
    totals_.peers_v4 -= chosen->v4.size();
    totals_.peers_v6 -= chosen->v6.size();
    ++totals_.evicted_swarms;
    table_.erase(*chosen);
    return true;
}

announce::ScrapeCounts SwarmStore::counts(const hash::Sha1& hash, TimePoint now) {
    announce::ScrapeCounts counts;
    counts.downloaders = 0;
    auto* swarm = table_.find(hash);
    if (swarm == nullptr) return counts;
    drop_expired(*swarm, tick_at(now));
    counts.complete = swarm->seeds;
    counts.incomplete = swarm->leechers + swarm->partial_seeds;
    counts.downloaders = swarm->leechers;
    counts.downloaded = swarm->downloaded;
    forget_if_empty(*swarm);
    return counts;
}

void SwarmStore::sweep(TimePoint now, std::size_t places) {
    const auto tick = tick_at(now);
    for (; places > 0; --places) {
        auto* swarm = table_.next();
        if (swarm == nullptr) continue;
        drop_expired(*swarm, tick);
        if (forget_if_empty(*swarm)) table_.look_again();
    }
}

SwarmTotals SwarmStore::totals() const {
    auto totals = totals_;
    totals.swarms = table_.size();
    return totals;
}

}  // namespace spate::tracker
