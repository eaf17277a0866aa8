// SessionShare: what the torrents of a session share. Owner: Session. Thread: the reactor's.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>

#include "base/log.h"
#include "base/rng.h"
#include "engine/announce_schedule.h"
#include "engine/classic_port.h"
#include "engine/peer_connection.h"
#include "engine/session.h"
#include "engine/session_ledgers.h"
#include "engine/torrent_loader.h"
#include "engine/turn.h"
#include "io/world.h"
#include "piece_store/checkpoints.h"
#include "piece_store/resources.h"
#include "piece_store/resume_database.h"
#include "swarm/rate_limiter.h"

namespace spate::engine {

class Occupants;
struct Peer;

struct SessionShare {
    SessionShare(io::World& its_world, const SessionOptions& its_options, SessionEvents& its_events,
                 Log& its_log, const SessionSeat& its_seat);

    io::World& world;
    const SessionSeat seat;
    SessionOptions options;
    SessionEvents& events;
    Log& log;
    Rng rng;
    Turn turn;
    ConnectionShare connections;
    std::unique_ptr<SharedRate::Part> down_part;  // null: the session is alone
    std::unique_ptr<SharedRate::Part> up_part;
    swarm::RateLimiter down;
    swarm::RateLimiter up;
    Slots places;  // of connections, those under way too
    Slots half_open;
    piece_store::Resources store_resources;
    ClassicPort classic;
    std::unique_ptr<piece_store::ResumeDatabase> resume;  // null: none is kept
    std::unique_ptr<piece_store::Checkpoints> checkpoints;
    AnnounceSchedule announces;
    std::unique_ptr<TorrentLoader> loader;
    std::set<TorrentId> awake;  // the others have nothing to do
    std::uint16_t port = 0;     // where we listen
    // A magnet's metainfo is known now. False: the same content is there by another of its hashes.
    std::function<bool(TorrentId, const metainfo::InfoHash&)> claim;
    std::function<void(Occupants&)> add_occupants;  // the connected peers of all torrents

    TimePoint now() const { return world.reactor.now(); }
    // Of any torrent: who leaves when all places are taken and one comes from there; null: nobody.
    Peer* gives_way_to(const Address& newcomer) const;
    bool has_place_for(const Address& newcomer) const {
        return !places.full() || gives_way_to(newcomer) != nullptr;
    }
    // Somebody waits for tokens of a rate limit: Torrent::on_rate() of all, soon.
    void want_rate() {
        if (!rate_timer->armed()) rate_timer->arm(now() + rate_pause);
    }

    static constexpr Duration rate_pause = std::chrono::milliseconds(20);
    std::unique_ptr<io::Timer> rate_timer;
};

}  // namespace spate::engine
