// HttpTrackerQuestion: an announce over HTTP. Thread: the reactor's.
#pragma once

#include "engine/tracker_question.h"
#include "http_client/http_exchange.h"

namespace spate::engine {

class HttpTrackerQuestion final : public TrackerQuestion {
  public:
    HttpTrackerQuestion(io::World& world, const TrackerAddress& tracker,
                        const announce::AnnounceRequest& request, Duration time_limit, AnnounceDone done);
    Address asked() const override { return asked_; }
    bool was_heard() const override { return exchange_.asked(); }

  private:
    void on_reply(Result<http_client::Reply> reply);

    http::Url url_;
    announce::IpFamily family_;
    bool has_address_ = false;  // of the family
    Address asked_;
    AnnounceDone done_;
    http_client::HttpExchange exchange_;
};

}  // namespace spate::engine
