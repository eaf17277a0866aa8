// SwarmStore: which peers somebody is given.
#include <algorithm>

#include "tracker/swarm_records.h"
#include "tracker/swarm_store.h"

namespace spate::tracker {
namespace {

constexpr std::size_t looked_at_for_partial_seeds = 1000;

// One record out of each of equally long stretches, behind a random beginning: all are equally likely, none
// comes twice, and memory is read forwards.
template <class Record>
void sample(std::span<const Record> records, const Endpoint& asker, std::size_t count, Rng& rng,
            std::vector<Endpoint>& out) {
    const auto size = records.size();
    if (size == 0 || count == 0) return;
    const bool no_locals = scope_of(asker.address) == AddressScope::global;
    const auto stretches = std::min(size, count + 1);  // one more, as one may be the asker
    const auto enough = out.size() + count;
    const auto begin = rng.below(size);
    for (std::size_t i = 0; i < stretches && out.size() < enough; ++i) {
        const auto low = i * size / stretches;
        const auto width = (i + 1) * size / stretches - low;
        auto at = begin + low + (width > 1 ? rng.below(width) : 0);
        if (at >= size) at -= size;
        const auto endpoint = records[at].endpoint();
        if (endpoint == asker) continue;
        if (no_locals && scope_of(endpoint.address) != AddressScope::global) continue;
        out.push_back(endpoint);
    }
}

// Of the records behind the leechers'.
template <class Record>
void add_partial_seeds(std::span<const Record> records, const Endpoint& asker, std::size_t count, Rng& rng,
                       std::vector<Endpoint>& out) {
    if (records.empty()) return;
    const bool no_locals = scope_of(asker.address) == AddressScope::global;
    const auto begin = rng.below(records.size());
    const auto steps = std::min(records.size(), looked_at_for_partial_seeds);
    for (std::size_t i = 0; i < steps && count > 0; ++i) {
        const auto& record = records[(begin + i) % records.size()];
        const auto endpoint = record.endpoint();
        if (record.kind() != PeerKind::partial_seed || endpoint == asker) continue;
        if (no_locals && scope_of(endpoint.address) != AddressScope::global) continue;
        out.push_back(endpoint);
        --count;
    }
}

}  // namespace

void SwarmStore::give_peers(const Swarm& swarm, const announce::AnnounceRequest& request,
                            const Endpoint& from, PeersWanted wanted, std::vector<Endpoint>& peers) {
    const std::size_t count = std::min(request.want.value_or(wanted.count), wanted.count);
    // Seeds have no use for one another, nor for partial seeds. But who starts may only look like a seed:
    // aria2 with a magnet link has nothing left while it does not know how much there is. Partial seeds, who
    // may want more one day, know each other.
    const auto kind = kind_of(request);
    const bool all = kind == PeerKind::leecher || request.event == announce::Event::started;
    const auto given = [&](const auto& list) {
        return list.records().first(all ? list.size() : list.leechers());
    };
    const bool v4 = from.address.is_v4();
    for (const bool family_v4 : {v4, !v4}) {
        if (family_v4 != v4 && !wanted.both_families) break;
        const auto add = [&](const auto& list) {
            sample(given(list), from, count - peers.size(), rng_, peers);
            if (!all && kind == PeerKind::partial_seed)
                add_partial_seeds(list.records().subspan(list.leechers()), from, count - peers.size(), rng_,
                                  peers);
        };
        family_v4 ? add(swarm.v4) : add(swarm.v6);
    }
}

}  // namespace spate::tracker
