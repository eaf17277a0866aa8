// HttpRoutes: which handler answers which path: the table in which every part of the tracker that speaks HTTP
// has its rows. Handlers outlive the table's last use. Thread: the reactor's. Owner: TrackerServer, whose
// routes() takes further rows.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/endpoint.h"
#include "http/message.h"

namespace spate::tracker {

using OnHttpReply = std::move_only_function<void(http::Response)>;

class HttpHandler {
  public:
    virtual ~HttpHandler() = default;
    // Bytes of a request's body that are taken at most; asked once its head is there.
    virtual std::size_t body_max(const http::RequestHead&) const { return 0; }
    // Replies once, now or later, on the reactor's thread; not after the handler is destroyed. A reply after
    // the server is gone does nothing. HEAD comes as itself: answer as for GET, the body is left out for you.
    virtual void answer(const Endpoint& from, http::Request request, OnHttpReply on_reply) = 0;
};

class HttpRoutes {
  public:
    // "/stats": exactly this path. "/entry/": every path that begins so. "*/announce": every path whose last
    // component is this. Paths are raw, as sent. The first row that fits answers.
    void add(std::string pattern, HttpHandler& handler) { rows_.push_back({std::move(pattern), &handler}); }
    // Null: nobody.
    HttpHandler* find(std::string_view path) const;

  private:
    struct Row {
        std::string pattern;
        HttpHandler* handler;
    };
    std::vector<Row> rows_;
};

}  // namespace spate::tracker
