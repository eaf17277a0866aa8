// StatsHandler: /stats for people and /stats.json for machines: counters only, nothing about any peer or
// swarm. For local addresses, unless told to answer everybody. Thread: the reactor's. Owner: TrackerServer.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tracker/http_routes.h"

namespace spate::tracker {

// In the order they are shown; names are words joined by '_'.
using Stats = std::vector<std::pair<std::string_view, std::uint64_t>>;

class StatsHandler final : public HttpHandler {
  public:
    StatsHandler(std::function<Stats()> stats, bool is_public)
        : stats_(std::move(stats)), is_public_(is_public) {}
    void answer(const Endpoint& from, http::Request request, OnHttpReply on_reply) override;

  private:
    std::function<Stats()> stats_;
    bool is_public_;
};

}  // namespace spate::tracker
