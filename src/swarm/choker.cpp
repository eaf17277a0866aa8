#include "swarm/choker.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "swarm/address_kind.h"

namespace spate::swarm {

namespace {
bool wants_slot(const ChokeCandidate& peer) {
    return peer.interested && !peer.upload_only;
}
}  // namespace

// One that may get a slot, and where it stands: smaller is better.
struct Choker::Ranked {
    const ChokeCandidate* peer = nullptr;
    std::tuple<std::uint32_t, std::uint64_t, std::uint64_t, std::uint64_t> place{};
    bool optimistic = false;
};

bool Choker::Served::turn_is_over(std::uint64_t bytes_to, TimePoint now) const {
    return since && (bytes_to - bytes_before >= turn_bytes || now - *since >= turn_time);
}

std::uint32_t Choker::slot_count(std::uint64_t upload_rate) const {
    if (options_.slots > 0) return options_.slots;
    const auto capacity = options_.upload_limit > 0 ? options_.upload_limit : upload_rate;
    return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(capacity / slot_rate, slots_min, slots_max));
}

std::vector<Choker::Ranked> Choker::rank(std::span<const ChokeCandidate> peers, bool seeding, TimePoint now,
                                         Rng& rng) const {
    std::vector<Ranked> ranked;
    for (const auto& peer : peers) {
        if (!wants_slot(peer)) continue;
        const auto served = std::ranges::find(served_, peer.peer, &Served::peer);
        const bool is_served = served != served_.end();
        const bool turn_over = is_served && served->turn_is_over(peer.bytes_to, now);
        Ranked one{.peer = &peer, .optimistic = is_served && served->optimistic};
        if (seeding || peer.trusted) {
            // In a turn: it goes on. Then those that wait, who got least first.
            const std::uint32_t group = is_served && !turn_over ? 0 : is_served ? 2 : 1;
            one.place = {group, peer.bytes_to, 0, rng.next()};
        } else {
            const auto gives = peer.snubs_us ? 0 : peer.rate_from;
            // Of those that give nothing, who got least: no slot is kept by having it.
            one.place = {0, UINT64_MAX - gives, gives > 0 ? 0 : peer.bytes_to, rng.next()};
        }
        ranked.push_back(one);
    }
    std::ranges::sort(ranked, {}, &Ranked::place);
    return ranked;
}

namespace {

// Those that fit come first, both parts in their order; gives how many fit. (std::stable_partition in C++23
// mode makes clang complain of libstdc++ 12.)
template <class Ranked, class Fits>
std::size_t fitting_first(std::vector<Ranked>& ranked, std::size_t from, Fits fits) {
    std::vector<Ranked> rest;
    auto kept = from;
    for (auto i = from; i < ranked.size(); ++i) {
        if (fits(ranked[i]))
            ranked[kept++] = ranked[i];
        else
            rest.push_back(ranked[i]);
    }
    std::ranges::copy(rest, ranked.begin() + static_cast<std::ptrdiff_t>(kept));
    return kept;
}

std::size_t most_of_range(std::size_t slots) {
    return std::max<std::size_t>(1, slots / Choker::range_share);
}

// Far peers go behind the others while their address range has its share of slots already. taken: slots of
// each range that are not to be given anew.
template <class Ranked>
std::size_t spread_ranges(std::vector<Ranked>& ranked, std::size_t slots,
                          std::map<Address, std::size_t> taken) {
    const auto most = most_of_range(slots);
    return fitting_first(ranked, 0, [&](const Ranked& one) {
        return one.peer->local || ++taken[range_of(one.peer->address)] <= most;
    });
}

}  // namespace

// The last slots go to peers drawn from those without one; they keep them until the next draw.
void Choker::add_optimistic(std::vector<Ranked>& ranked, std::size_t slots, Rng& rng) {
    const auto count = std::max<std::size_t>(1, slots / 5);
    const bool draw = rounds_ % optimistic_rounds == 1;
    const auto first = slots - count;
    if (!draw) {
        fitting_first(ranked, first, [](const Ranked& one) { return one.optimistic; });
        return;
    }
    for (auto& one : ranked) one.optimistic = false;
    for (auto i = first; i < slots; ++i) {
        std::swap(ranked[i], ranked[i + rng.below(ranked.size() - i)]);
        ranked[i].optimistic = true;
    }
}

ChokeDecision Choker::round(std::span<const ChokeCandidate> peers, bool seeding, std::uint64_t upload_rate,
                            TimePoint now, Rng& rng) {
    slots_now_ = slot_count(upload_rate);
    ++rounds_;
    auto ranked = rank(peers, seeding, now, rng);
    const auto local_count = fitting_first(ranked, 0, [](const Ranked& one) { return one.peer->local; });
    std::vector<Ranked> far(ranked.begin() + static_cast<std::ptrdiff_t>(local_count), ranked.end());
    ranked.resize(std::min<std::size_t>(local_count, by_hand() ? slots() : slots_max));
    // Slots that were given by hand are for all; others are for far peers alone.
    const auto slots = this->slots() - (by_hand() ? ranked.size() : 0);
    if (far.size() > slots) {
        spread_ranges(far, slots, {});
        if (!seeding && slots > 0) add_optimistic(far, slots, rng);
        far.resize(slots);
    }
    ranked.insert(ranked.end(), far.begin(), far.end());
    return change_to(ranked, now);
}

ChokeDecision Choker::change_to(std::span<const Ranked> chosen, TimePoint now) {
    ChokeDecision decision;
    std::vector<Served> next;
    for (const auto& one : chosen) {
        const auto served = std::ranges::find(served_, one.peer->peer, &Served::peer);
        if (served == served_.end()) {
            decision.unchoke.push_back(one.peer->peer);
            next.push_back({one.peer->peer, one.peer->bytes_to, now, one.peer->local, one.optimistic,
                            range_of(one.peer->address), false});
            continue;
        }
        next.push_back(*served);
        next.back().optimistic = one.optimistic;
        // Nobody else wanted the slot: the next turn begins.
        if (served->turn_is_over(one.peer->bytes_to, now)) {
            next.back().bytes_before = one.peer->bytes_to;
            next.back().since = now;
        }
    }
    for (const auto& served : served_) {
        if (std::ranges::find(next, served.peer, &Served::peer) != next.end()) continue;
        if (served.rests && has_room(next, served.local))
            next.push_back(served);
        else
            decision.choke.push_back(served.peer);
    }
    served_ = std::move(next);
    return decision;
}

bool Choker::has_room(std::span<const Served> served, bool local) const {
    const auto taken = static_cast<std::size_t>(
        std::ranges::count_if(served, [&](const Served& one) { return by_hand() || one.local == local; }));
    return taken < (local && !by_hand() ? slots_max : slots());
}

bool Choker::fill_slot(const ChokeCandidate& peer, TimePoint now) {
    if (peer.upload_only || serves(peer.peer) || !has_room(served_, peer.local)) return false;
    give_slot(peer, now);
    return true;
}

// For far peers.
bool Choker::spare_is_left() const {
    return served_.size() < slots() + spare_ + (by_hand() ? 0 : locals());
}

std::size_t Choker::locals() const {
    return static_cast<std::size_t>(std::ranges::count_if(served_, &Served::local));
}

void Choker::give_slot(const ChokeCandidate& peer, TimePoint now) {
    served_.push_back({.peer = peer.peer,
                       .bytes_before = peer.bytes_to,
                       .since = wants_slot(peer) ? std::optional(now) : std::nullopt,
                       .local = peer.local,
                       .range = range_of(peer.address),
                       .rests = !wants_slot(peer)});
}

ChokeDecision Choker::fill_slots(std::span<const ChokeCandidate> choked, bool seeding,
                                 std::uint64_t upload_rate, TimePoint now, Rng& rng) {
    slots_now_ = std::max(slots_now_, slot_count(upload_rate));
    ChokeDecision decision;
    auto ranked = rank(choked, seeding, now, rng);
    std::map<Address, std::size_t> taken;
    for (const auto& served : served_)
        if (!served.local && !served.rests) ++taken[served.range];
    const auto within_share = spread_ranges(ranked, slots(), std::move(taken));
    for (std::size_t i = 0; i < ranked.size(); ++i) {
        const auto& one = ranked[i];
        const bool spare = i < within_share && spare_is_left();
        if (!has_room(served_, one.peer->local) && !spare) {
            const auto other = gives_way_to(*one.peer);
            if (!other) continue;
            peer_gone(*other);
            decision.choke.push_back(*other);
        }
        if (serves(one.peer->peer)) continue;
        give_slot(*one.peer, now);
        decision.unchoke.push_back(one.peer->peer);
    }
    for (const auto& peer : choked)
        if (!wants_slot(peer) && fill_slot(peer, now)) decision.unchoke.push_back(peer.peer);
    return decision;
}

std::optional<PeerKey> Choker::resting_for(const ChokeCandidate& peer) const {
    const auto resting = std::ranges::find_if(served_, [&](const Served& served) {
        return served.rests && (by_hand() || served.local == peer.local);
    });
    return resting == served_.end() ? std::nullopt : std::optional(resting->peer);
}

std::optional<PeerKey> Choker::gives_way_to(const ChokeCandidate& peer) const {
    if (!wants_slot(peer) || serves(peer.peer)) return std::nullopt;
    if (const auto resting = resting_for(peer)) return resting;
    if (peer.local) return std::nullopt;
    const auto slots_of = [&](const Address& range) {
        return static_cast<std::size_t>(std::ranges::count_if(
            served_, [&](const Served& served) { return !served.local && served.range == range; }));
    };
    const std::size_t most = most_of_range(slots());
    if (slots_of(range_of(peer.address)) >= most) return std::nullopt;
    const auto crowded = std::ranges::find_if(
        served_, [&](const Served& served) { return !served.local && slots_of(served.range) > most; });
    return crowded == served_.end() ? std::nullopt : std::optional(crowded->peer);
}

void Choker::rests(PeerKey peer) {
    const auto served = std::ranges::find(served_, peer, &Served::peer);
    if (served != served_.end()) served->rests = true;
}

void Choker::wasted() {
    spare_ = std::min(spare_ + wasted_slots, slots_max);
}

void Choker::on_second(std::size_t asking) {
    spare_ = asking >= slots() ? 0 : spare_ - (spare_ + spare_memory - 1) / spare_memory;
}

bool Choker::goes_on(PeerKey peer, TimePoint now) {
    const auto served = std::ranges::find(served_, peer, &Served::peer);
    if (served == served_.end()) return false;
    served->rests = false;
    if (!served->since) served->since = now;
    return true;
}

void Choker::peer_gone(PeerKey peer) {
    std::erase_if(served_, [&](const Served& served) { return served.peer == peer; });
}

bool Choker::serves(PeerKey peer) const {
    return std::ranges::find(served_, peer, &Served::peer) != served_.end();
}

}  // namespace spate::swarm
