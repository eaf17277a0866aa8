#include "engine/session_share.h"

#include <algorithm>

#include "engine/occupants.h"

namespace spate::engine {
namespace {

// Each of several has its part of what it costs nobody much to divide.
piece_store::ResourceLimits resource_limits(const SessionSeat& seat) {
    piece_store::ResourceLimits limits;
    limits.write_ledger = &seat.ledgers.write_bytes;
    limits.window_bytes /= seat.ledgers.sessions;
    limits.open_files /= seat.ledgers.sessions;
    limits.jobs = std::max(1U, limits.jobs / seat.ledgers.sessions);
    limits.read_jobs = std::max(1U, limits.read_jobs / seat.ledgers.sessions);
    limits.sync_jobs = std::max(1U, limits.sync_jobs / seat.ledgers.sessions);
    limits.late_syncs = std::max(1U, limits.late_syncs / seat.ledgers.sessions);
    return limits;
}

std::unique_ptr<SharedRate::Part> part_of(SharedRate& rate, const SessionSeat& seat) {
    return seat.alone() ? nullptr : std::make_unique<SharedRate::Part>(rate, seat.number);
}

swarm::RateLimiter limiter(std::uint64_t rate, SharedRate::Part* part) {
    return part == nullptr ? swarm::RateLimiter(rate) : swarm::RateLimiter(rate, *part);
}

}  // namespace

SessionShare::SessionShare(io::World& its_world, const SessionOptions& its_options, SessionEvents& its_events,
                           Log& its_log, const SessionSeat& its_seat)
    : world(its_world),
      seat(its_seat),
      options(its_options),
      events(its_events),
      log(its_log),
      rng(its_world.random.next_u64()),
      turn(its_world.reactor),
      connections{its_world.reactor, turn},
      down_part(part_of(seat.ledgers.down, seat)),
      up_part(part_of(seat.ledgers.up, seat)),
      down(limiter(its_options.limits.down, down_part.get())),
      up(limiter(its_options.limits.up, up_part.get())),
      places(seat.ledgers.places),
      half_open(seat.ledgers.half_open),
      store_resources(its_world, resource_limits(seat)),
      classic(its_world, seat.ledgers.classic, seat.ledgers.classic_sources),
      announces(its_world.reactor, seat.ledgers.sessions) {}

Peer* SessionShare::gives_way_to(const Address& newcomer) const {
    Occupants occupants;
    add_occupants(occupants);
    return occupants.gives_way(newcomer, now());
}

}  // namespace spate::engine
