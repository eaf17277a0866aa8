// CatalogueHandler: the catalogue over HTTP (docs/protocols/catalogue.md): GET /catalogue, GET /entry/NAME,
// GET, PUT and DELETE /torrent/NAME. A PUT is read and its signature checked by a pool job, stored, answered,
// and then its sharer is asked for pieces (EntryChecker): the entry is listed as not verified until they
// came. One that gives wrong ones, or with Possession::require none, loses the entry again.
//
// Limits: publishing_max requests at a time between their arrival and their answer; beyond: 503. Thread: the
// reactor's. Owner: TrackerServer; the catalogue outlives it.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "catalogue/catalogue_service.h"
#include "catalogue_protocol/signed_request.h"
#include "io/world.h"
#include "tracker/announcements.h"
#include "tracker/entry_checker.h"
#include "tracker/events.h"
#include "tracker/http_routes.h"
#include "tracker/options.h"

namespace spate::tracker {

// Seeds and leechers of published entries: of the swarms that announce at "/announce".
class AnnouncedCounts final : public catalogue::SwarmCounts {
  public:
    AnnouncedCounts(io::Reactor& reactor, Announcements& announcements)
        : reactor_(reactor), announcements_(announcements) {}
    catalogue::SwarmCount count(const hash::Sha1& swarm) override;

  private:
    io::Reactor& reactor_;
    Announcements& announcements_;
};

class CatalogueHandler final : public HttpHandler {
  public:
    static constexpr std::size_t publishing_max = 8;

    CatalogueHandler(io::World world, catalogue::CatalogueService& catalogue, Announcements& announcements,
                     Possession possession, Events& events);

    // The rows of all its paths.
    void add_to(HttpRoutes& routes);

    std::size_t body_max(const http::RequestHead& head) const override;
    void answer(const Endpoint& from, http::Request request, OnHttpReply on_reply) override;

  private:
    void list(const http::Request& request, OnHttpReply on_reply);
    void look(const std::string& name, OnHttpReply on_reply);
    void send_metainfo(const std::string& name, OnHttpReply on_reply);
    void publish(const Endpoint& from, std::string name, http::Request request, OnHttpReply on_reply);
    void remove(const Endpoint& from, std::string name, const http::Request& request, OnHttpReply on_reply);
    struct PublishJob;
    void store(const std::shared_ptr<PublishJob>& job);
    void check(const PublishJob& job, catalogue_protocol::PublishResult result);

    io::World world_;
    catalogue::CatalogueService& catalogue_;
    AnnouncedCounts counts_;
    Possession possession_;
    Events& events_;
    EntryChecker checker_;
    std::size_t publishing_ = 0;
    std::shared_ptr<CatalogueHandler*> self_;  // what comes back later looks whether we are still there
};

}  // namespace spate::tracker
