// HttpRequests: what each HTTP request does: finds its handler in the routes, words what nobody answers,
// tells the events about what changes something. Thread: the reactor's. Owner: TrackerServer.
#pragma once

#include <memory>

#include "base/endpoint.h"
#include "http/message.h"
#include "tracker/events.h"
#include "tracker/http_routes.h"

namespace spate::tracker {

class HttpRequests {
  public:
    explicit HttpRequests(Events& events) : events_(events) {}

    HttpRoutes& routes() { return routes_; }
    std::size_t body_max(const http::RequestHead& head) const;
    // `on_reply` runs once, now or later; not after this is destroyed.
    void answer(const Endpoint& from, http::Request request, OnHttpReply on_reply);

  private:
    Events& events_;
    HttpRoutes routes_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // replies that come later look at it
};

}  // namespace spate::tracker
