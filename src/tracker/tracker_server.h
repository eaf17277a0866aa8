// TrackerServer: the whole tracker on its ports: classic requests and HTTP on TCP, told apart by their first
// bytes, and UDP announces on the same number. One SwarmStore for all of them.
//
// Thread: the reactor's. Owner: the program; the catalogue outlives it.
#pragma once

#include <memory>
#include <vector>

#include "catalogue/catalogue_service.h"
#include "io/world.h"
#include "tracker/announcements.h"
#include "tracker/catalogue_handler.h"
#include "tracker/classic_requests.h"
#include "tracker/events.h"
#include "tracker/http_announcing.h"
#include "tracker/http_requests.h"
#include "tracker/options.h"
#include "tracker/possession_checker.h"
#include "tracker/stats_handler.h"
#include "tracker/swarm_keeper.h"
#include "tracker/tcp_front.h"
#include "tracker/udp_front.h"

namespace spate::tracker {

class TrackerServer {
  public:
    // Reads the swarms that were kept (blocking) and listens at once. Errors name the endpoint: EADDRINUSE,
    // EACCES, EADDRNOTAVAIL; or the folder of the swarms.
    static Result<std::unique_ptr<TrackerServer>> open(io::World world, const Options& options,
                                                       catalogue::CatalogueService& catalogue,
                                                       Events& events);

    // Where it listens, in the order of the options; ports of 0 are the ones chosen.
    const std::vector<Endpoint>& endpoints() const { return endpoints_; }
    std::size_t connections() const { return tcp_.connections(); }
    HttpRoutes& routes() { return http_.routes(); }
    SwarmStore& swarms() { return announcements_.swarms(); }
    Stats stats() const;
    // Before the program ends: `on_saved` comes when the swarms are in their file, or cannot be.
    void save_swarms(SwarmKeeper::OnSaved on_saved);

  private:
    struct Secrets {
        explicit Secrets(io::SecureRandom& random);
        hash::SipKey tables;
        hash::SipKey connection_ids;
        std::uint64_t seed;
    };

    TrackerServer(io::World world, const Options& options, catalogue::CatalogueService& catalogue,
                  Events& events, const Secrets& secrets);
    Result<void> listen(const Endpoint& endpoint);
    Result<void> listen_once(const Endpoint& endpoint);
    std::unique_ptr<FrontConnection> make_connection(Front& front, ConnectionId id, Language language,
                                                     std::unique_ptr<io::Stream> stream);
    void sweep();

    io::World world_;
    Options options_;
    Events& events_;
    TimePoint started_;
    PossessionChecker checker_;
    ClassicRequests classic_;
    Announcements announcements_;
    AnnounceCounters http_counters_;
    AnnounceHandler announce_;
    ScrapeHandler scrape_;
    StatsHandler stats_;
    CatalogueHandler catalogue_handler_;
    HttpRequests http_;
    UdpAnswers udp_answers_;
    TcpFront tcp_;
    std::vector<std::unique_ptr<UdpFront>> udp_;
    std::vector<Endpoint> endpoints_;
    std::unique_ptr<SwarmKeeper> keeper_;  // null: they are not kept
    std::unique_ptr<io::Timer> sweep_timer_;
};

}  // namespace spate::tracker
