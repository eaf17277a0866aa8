#include "tracker/announcements.h"

#include <algorithm>
#include <string>

namespace spate::tracker {

namespace {

constexpr Duration sweep_round = std::chrono::minutes(5);

// The swarm's key in the store.
hash::Sha1 in_world(const hash::Sha1& swarm, std::string_view path) {
    const auto world = path.substr(0, path.rfind('/'));
    if (path.empty() || world.empty()) return swarm;
    std::string text(world);
    text += '\0';
    text += as_text(swarm);
    return hash::sha1(as_bytes(text));
}

}  // namespace

Announcements::Announcements(const AnnounceOptions& options, const hash::SipKey& key, std::uint64_t seed)
    : options_(options),
      swarms_(options.swarms, key, seed),
      budget_(options.requests_per_second, options.requests_burst, key),
      rng_(~seed) {}

std::uint32_t Announcements::jittered(Duration interval) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(interval).count();
    const auto tenth = static_cast<std::uint32_t>(seconds / 10);
    return static_cast<std::uint32_t>(seconds) - tenth +
           static_cast<std::uint32_t>(rng_.below(2 * tenth + 1));
}

void Announcements::announce(announce::AnnounceRequest& request, std::string_view path, const Address& from,
                             bool both_families, TimePoint now, announce::AnnounceReply& reply) {
    request.swarm = in_world(request.swarm, path);
    const auto count = std::min(request.want.value_or(options_.peers_default), options_.peers_max);
    swarms_.announce(request, {from, request.port}, {count, both_families}, now, reply);
    reply.interval = jittered(options_.interval);
    reply.min_interval = std::min(jittered(options_.min_interval), reply.interval);
    reply.external_ip = from.unmapped();
}

announce::ScrapeCounts Announcements::scrape(const hash::Sha1& swarm, std::string_view path, TimePoint now) {
    return swarms_.counts(in_world(swarm, path), now);
}

void Announcements::sweep(TimePoint now) {
    constexpr auto steps = static_cast<std::size_t>(sweep_round / sweep_pause);
    swarms_.sweep(now, swarms_.places() / steps + 1);
}

}  // namespace spate::tracker
