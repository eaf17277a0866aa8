#include "catalogue/listing.h"

#include <algorithm>
#include <utility>

#include "base/folded_text.h"
#include "base/parse_number.h"
#include "base/range_set.h"
#include "catalogue/peer_rules.h"
#include "classic/fields.h"
#include "classic/tracker_file.h"
#include "http/url.h"

namespace spate::catalogue {

using catalogue_protocol::ListedEntry;
using catalogue_protocol::ListOrder;
using catalogue_protocol::ListPage;
using catalogue_protocol::ListQuery;

namespace {

constexpr std::size_t peers_looked_at_max = 200'000;  // of one page

void add_classic_peers(ListedEntry& listed, const Entry& entry, WallTime now, const Limits& limits) {
    RangeSet held;
    std::uint64_t seeds = 0, leechers = 0;
    for (const auto& peer : entry.peers) {
        if (peer.provisional || is_dead(peer, now, limits.peer_timeout)) continue;
        const auto range =
            classic::held_perhaps({peer.host, peer.port, peer.start, peer.end, peer.updated}, entry.size);
        held.add(range);
        ++(range.size() >= entry.size ? seeds : leechers);
    }
    listed.seeds = std::max(listed.seeds, seeds);
    listed.leechers = std::max(listed.leechers, leechers);
    if (entry.size > 0 && !held.empty()) {
        listed.coverage = static_cast<double>(held.total()) / static_cast<double>(entry.size);
    }
}

void add_swarms(ListedEntry& listed, const Entry& entry, SwarmCounts& swarms) {
    const auto add = [&](const hash::Sha1& swarm) {
        const auto count = swarms.count(swarm);
        listed.seeds = std::max(listed.seeds, count.seeds);
        listed.leechers = std::max(listed.leechers, count.leechers);
    };
    const auto& hash = entry.published->hash;
    if (hash.v1) add(*hash.v1);
    if (hash.v2) add(metainfo::truncated(*hash.v2));
}

// Where in the catalogue's orders a page begins or ends; as text "NUMBER:NAME", by name only "NAME".
struct Place {
    std::int64_t number = 0;
    std::string name;
};

std::string write_place(ListOrder order, std::int64_t number, std::string_view name) {
    const auto escaped = http::percent_encoded(name);
    return order == ListOrder::name ? escaped : std::to_string(number) + ":" + escaped;
}

std::optional<Place> read_place(ListOrder order, std::string_view text) {
    Place place;
    if (order != ListOrder::name) {
        const auto colon = text.find(':');
        const auto number = parse_number<std::int64_t>(text.substr(0, colon));
        if (colon == text.npos || !number) return std::nullopt;
        place.number = *number;
        text.remove_prefix(colon + 1);
    }
    auto name = http::percent_decoded(text);
    if (!name) return std::nullopt;
    place.name = std::move(*name);
    return place;
}

// One request's walk over the entries.
class Walk {
  public:
    Walk(const ListQuery& query, SwarmCounts& swarms, WallTime now, const Limits& limits)
        : query_(query),
          search_(folded(query.search)),
          words_(classic::split_fields(search_)),
          swarms_(swarms),
          now_(now),
          limits_(limits) {}

    // False: the page ends here, with this entry as the last one looked at.
    bool look_at(const Entry& entry) {
        ++looked_at_;
        if (!words_.empty()) text_ += (entry.name.size() + entry.description.size()) * words_.size();
        if (fits(entry)) {
            peers_ += entry.peers.size();
            page.entries.push_back(listed(entry, swarms_, now_, limits_));
        }
        return page.entries.size() < query_.limit && looked_at_ < looked_at_max && text_ < text_max &&
               peers_ < peers_looked_at_max;
    }

    ListPage page;

  private:
    bool fits(const Entry& entry) const {
        if (words_.empty()) return true;
        const auto name = folded(entry.name), description = folded(entry.description);
        return std::ranges::all_of(words_, [&](std::string_view word) {
            return name.find(word) != name.npos || description.find(word) != description.npos;
        });
    }

    const ListQuery& query_;
    std::string search_;
    std::vector<std::string_view> words_;  // of it
    SwarmCounts& swarms_;
    WallTime now_;
    const Limits& limits_;
    std::size_t looked_at_ = 0, text_ = 0, peers_ = 0;
};

}  // namespace

ListedEntry listed(const Entry& entry, SwarmCounts& swarms, WallTime now, const Limits& limits) {
    ListedEntry listed;
    listed.name = entry.name;
    listed.size = entry.size;
    listed.description = entry.description;
    listed.md5 = entry.md5;
    listed.verified = entry.verification == Verification::verified;
    listed.age_seconds =
        static_cast<std::uint64_t>(std::max<std::int64_t>(0, now.unix_seconds - entry.created.unix_seconds));
    if (entry.published != nullptr) {
        listed.files = entry.published->files;
        listed.hash = entry.published->hash;
        listed.publisher = entry.published->publisher;
        add_swarms(listed, entry, swarms);
    }
    add_classic_peers(listed, entry, now, limits);
    if (listed.seeds > 0) listed.coverage = 1;
    if (listed.seeds == 0 && listed.leechers == 0) listed.coverage = 0;
    return listed;
}

ListPage list_page(const Catalogue& catalogue, const ListQuery& query, SwarmCounts& swarms, WallTime now,
                   const Limits& limits) {
    Place after;
    if (!query.after.empty()) {
        auto place = read_place(query.order, query.after);
        if (!place) return {};
        after = std::move(*place);
    }
    Walk walk(query, swarms, now, limits);
    const auto& entries = catalogue.entries();
    if (query.order == ListOrder::name) {
        auto next = query.after.empty() ? entries.begin() : entries.upper_bound(after.name);
        while (next != entries.end()) {
            const auto& entry = *(next++)->second;
            if (walk.look_at(entry)) continue;
            if (next != entries.end()) walk.page.next = write_place(query.order, 0, entry.name);
            break;
        }
        return std::move(walk.page);
    }
    const auto& order = query.order == ListOrder::size ? catalogue.largest_first() : catalogue.newest_first();
    auto next = query.after.empty() ? order.begin() : order.upper_bound({after.number, after.name});
    while (next != order.end()) {
        const auto [number, name] = *next++;
        if (walk.look_at(*entries.find(name)->second)) continue;
        if (next != order.end()) walk.page.next = write_place(query.order, number, name);
        break;
    }
    return std::move(walk.page);
}

}  // namespace spate::catalogue
