// HttpRequests: what each HTTP request does: finds its handler in the routes, words what nobody answers,
// tells the events about what changes something. Thread: the reactor's. Owner: TrackerServer.
#pragma once

#include <memory>

#include "base/endpoint.h"
#include "http/message.h"
#include "tracker/events.h"
#include "tracker/http_routes.h"
#include "tracker/options.h"
#include "tracker/unfinished_budget.h"

namespace spate::tracker {

class HttpRequests {
  public:
    HttpRequests(Events& events, const ConnectionLimits& limits)
        : events_(events), unfinished_(limits.unfinished_bytes_max, limits.unfinished_bytes_per_source_max) {}

    HttpRoutes& routes() { return routes_; }
    std::size_t body_max(const http::RequestHead& head) const;
    // What connections keep of requests that are still arriving.
    UnfinishedBudget& unfinished() { return unfinished_; }
    // `on_reply` runs once, now or later; not after this is destroyed.
    void answer(const Endpoint& from, http::Request request, OnHttpReply on_reply);

  private:
    Events& events_;
    UnfinishedBudget unfinished_;
    HttpRoutes routes_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // replies that come later look at it
};

}  // namespace spate::tracker
