// The tracker's own HTTP answers: announce and scrape (BEP 3, 48), and what the tracker says about itself.
// Thread: the reactor's. Owner: TrackerServer.
#pragma once

#include <functional>
#include <string>

#include "io/reactor.h"
#include "tracker/announcements.h"
#include "tracker/http_routes.h"

namespace spate::tracker {

class AnnounceHandler final : public HttpHandler {
  public:
    AnnounceHandler(io::Reactor& reactor, Announcements& announcements, AnnounceCounters& counters)
        : reactor_(reactor), announcements_(announcements), counters_(counters) {}
    void answer(const Endpoint& from, http::Request request, OnHttpReply on_reply) override;

  private:
    std::string reply_to(const Endpoint& from, const http::RequestHead& head);

    io::Reactor& reactor_;
    Announcements& announcements_;
    AnnounceCounters& counters_;
};

class ScrapeHandler final : public HttpHandler {
  public:
    ScrapeHandler(io::Reactor& reactor, Announcements& announcements, AnnounceCounters& counters)
        : reactor_(reactor), announcements_(announcements), counters_(counters) {}
    void answer(const Endpoint& from, http::Request request, OnHttpReply on_reply) override;

  private:
    std::string reply_to(const Endpoint& from, const http::RequestHead& head);

    io::Reactor& reactor_;
    Announcements& announcements_;
    AnnounceCounters& counters_;
};

}  // namespace spate::tracker
