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
    HttpRequests(Events& events, std::size_t unfinished_bytes_max)
        : events_(events), unfinished_bytes_max_(unfinished_bytes_max) {}

    HttpRoutes& routes() { return routes_; }
    std::size_t body_max(const http::RequestHead& head) const;
    // Bytes that a connection keeps of a request which is still arriving. False: there is no room for them.
    bool keep_unfinished(std::size_t bytes);
    void release_unfinished(std::size_t bytes) { unfinished_bytes_ -= bytes; }
    // `on_reply` runs once, now or later; not after this is destroyed.
    void answer(const Endpoint& from, http::Request request, OnHttpReply on_reply);

  private:
    Events& events_;
    std::size_t unfinished_bytes_max_;
    std::size_t unfinished_bytes_ = 0;
    HttpRoutes routes_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // replies that come later look at it
};

}  // namespace spate::tracker
