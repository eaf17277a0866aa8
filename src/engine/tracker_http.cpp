#include "engine/tracker_http.h"

#include "announce/http_question.h"
#include "http_client/address_rules.h"

namespace spate::engine {
namespace {

constexpr std::size_t reply_bytes_max = 1 << 20;

http_client::ExchangeRequest request_for(const http::Url& tracker, const announce::AnnounceRequest& request) {
    http_client::ExchangeRequest exchange;
    exchange.url = announce::announce_url(tracker, request);
    exchange.headers.add("User-Agent", "Spate/" SPATE_VERSION);
    return exchange;
}

Result<AnnounceAnswer> answer_in(const http::Response& response, const http::Url& url) {
    auto answer = announce::parse_announce_reply(response.body);
    if (answer) return std::move(*answer);
    Error error = answer.error();
    error.object = url.text();
    if (response.status != 200) error.detail = "its HTTP status is " + std::to_string(response.status);
    return fail(std::move(error));
}

}  // namespace

HttpTrackerQuestion::HttpTrackerQuestion(io::World& world, const TrackerAddress& tracker,
                                         const announce::AnnounceRequest& request, Duration time_limit,
                                         AnnounceDone done)
    : url_(tracker.url),
      family_(tracker.family),
      done_(std::move(done)),
      exchange_(world, request_for(tracker.url, request),
                {.time_limit = time_limit,
                 .body_bytes_max = reply_bytes_max,
                 .may_ask =
                     [this](const Address& address, const http::Url& url) {
                         if (announce::family_of(address) != family_) return false;
                         has_address_ = true;
                         return http_client::tracker_may_be_at(address, url);
                     }},
                [this](Result<http_client::Reply> reply) { on_reply(std::move(reply)); }) {}

void HttpTrackerQuestion::on_reply(Result<http_client::Reply> reply) {
    const auto answer = [&]() -> Result<AnnounceAnswer> {
        if (reply) asked_ = reply->remote.address.unmapped();
        if (reply) return answer_in(reply->response, url_);
        Error error = std::move(reply.error());
        // Without our own parameters, which say nothing to a person.
        if (error.object.starts_with("http")) error.object = url_.text();
        if (!has_address_ && error.is(std::errc::operation_not_permitted))
            error.code = std::make_error_code(std::errc::address_family_not_supported);
        return fail(std::move(error));
    };
    auto done = std::move(done_);  // it may destroy this
    done(answer());
}

}  // namespace spate::engine
