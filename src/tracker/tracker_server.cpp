#include "tracker/tracker_server.h"

#include <utility>

#include "tracker/classic_connection.h"
#include "tracker/http_connection.h"

namespace spate::tracker {

namespace {
// Port 0 means one that is free for TCP and UDP.
constexpr int free_port_attempts = 16;
}  // namespace

TrackerServer::Secrets::Secrets(io::SecureRandom& random)
    : tables{}, connection_ids{}, seed(random.next_u64()) {
    random.fill(tables);
    random.fill(connection_ids);
}

TrackerServer::TrackerServer(io::World world, const Options& options, catalogue::CatalogueService& catalogue,
                             Events& events, const Secrets& secrets)
    : world_(world),
      options_(options),
      events_(events),
      started_(world.reactor.now()),
      checker_(world, options.possession),
      classic_(catalogue, checker_, events),
      announcements_(options.announce, secrets.tables, secrets.seed),
      announce_(world.reactor, announcements_, http_counters_),
      scrape_(world.reactor, announcements_, http_counters_),
      stats_([this] { return stats(); }, options.announce.public_stats),
      catalogue_handler_(world, catalogue, announcements_, options.possession.mode, events),
      http_(events, options.limits),
      udp_answers_(announcements_, secrets.connection_ids),
      tcp_(world, options.limits, events,
           [this](Front& front, ConnectionId id, Language language, std::unique_ptr<io::Stream> stream) {
               return make_connection(front, id, language, std::move(stream));
           }),
      sweep_timer_(world.reactor.make_timer([this] { sweep(); })) {
    catalogue_handler_.add_to(routes());  // first: an entry may be called "announce"
    routes().add("*/announce", announce_);
    routes().add("*/scrape", scrape_);
    routes().add("/stats", stats_);
    routes().add("/stats.json", stats_);
    sweep();
}

Result<std::unique_ptr<TrackerServer>> TrackerServer::open(io::World world, const Options& options,
                                                           catalogue::CatalogueService& catalogue,
                                                           Events& events) {
    std::unique_ptr<TrackerServer> server(
        new TrackerServer(world, options, catalogue, events, Secrets(world.random)));
    if (const auto& announce = options.announce; !announce.swarm_folder.empty()) {
        auto keeper = SwarmKeeper::open(world.reactor, world.pool, world.files, announce.swarm_folder,
                                        announce.swarm_save_pause, server->swarms(), events);
        if (!keeper) return fail(std::move(keeper.error()));
        server->keeper_ = std::move(*keeper);
    }
    for (const auto& endpoint : options.listen)
        if (auto listening = server->listen(endpoint); !listening) return fail(std::move(listening.error()));
    return server;
}

Result<void> TrackerServer::listen(const Endpoint& endpoint) {
    for (int attempt = 1;; ++attempt) {
        auto listening = listen_once(endpoint);
        const bool try_another = !listening && endpoint.port == 0 && attempt < free_port_attempts &&
                                 listening.error().is(std::errc::address_in_use);
        if (!try_another) return listening;
    }
}

Result<void> TrackerServer::listen_once(const Endpoint& endpoint) {
    auto listening = tcp_.listen(endpoint);
    if (!listening) return fail(std::move(listening.error()));
    if (options_.announce.udp) {
        auto udp = UdpFront::open(world_, *listening, udp_answers_, events_);
        if (!udp) {
            tcp_.unlisten();
            return fail(std::move(udp.error()));
        }
        udp_.push_back(std::move(*udp));
    }
    endpoints_.push_back(*listening);
    return {};
}

std::unique_ptr<FrontConnection> TrackerServer::make_connection(Front& front, ConnectionId id,
                                                                Language language,
                                                                std::unique_ptr<io::Stream> stream) {
    if (language == Language::http)
        return std::make_unique<HttpConnection>(front, id, std::move(stream), http_);
    return std::make_unique<ClassicConnection>(front, id, std::move(stream), classic_);
}

void TrackerServer::save_swarms(SwarmKeeper::OnSaved on_saved) {
    if (keeper_ == nullptr) return world_.reactor.post(std::move(on_saved));
    keeper_->save(std::move(on_saved));
}

void TrackerServer::sweep() {
    const auto now = world_.reactor.now();
    announcements_.sweep(now);
    sweep_timer_->arm(now + Announcements::sweep_pause);
}

Stats TrackerServer::stats() const {
    const auto totals = announcements_.swarms().totals();
    const auto& udp = udp_answers_.counters();
    const auto uptime =
        std::chrono::duration_cast<std::chrono::seconds>(world_.reactor.now() - started_).count();
    return {{"uptime_seconds", static_cast<std::uint64_t>(uptime)},
            {"connections", tcp_.connections()},
            {"swarms", totals.swarms},
            {"peers_ipv4", totals.peers_v4},
            {"peers_ipv6", totals.peers_v6},
            {"completed", totals.completed},
            {"peers_not_kept", totals.peers_not_kept},
            {"swarms_evicted", totals.evicted_swarms},
            {"http_announces", http_counters_.announces},
            {"http_scrapes", http_counters_.scrapes},
            {"http_failures", http_counters_.failures},
            {"udp_announces", udp.announces},
            {"udp_scrapes", udp.scrapes},
            {"udp_failures", udp.failures},
            {"udp_dropped", udp.dropped}};
}

}  // namespace spate::tracker
