#include "tracker/http_requests.h"

#include <string>
#include <utility>

#include "base/printable.h"

namespace spate::tracker {

std::size_t HttpRequests::body_max(const http::RequestHead& head) const {
    const auto* handler = routes_.find(head.path);
    return handler == nullptr ? 0 : handler->body_max(head);
}

void HttpRequests::answer(const Endpoint& from, http::Request request, OnHttpReply on_reply) {
    auto* handler = routes_.find(request.head.path);
    if (handler == nullptr) return on_reply(http::Response::text(404, "There is nothing here.\n"));
    const bool reads = request.head.method == http::Method::get || request.head.method == http::Method::head;
    if (reads) {
        return handler->answer(
            from, std::move(request),
            [alive = std::weak_ptr(alive_), done = std::move(on_reply)](http::Response response) mutable {
                if (!alive.expired()) done(std::move(response));
            });
    }
    std::string what = std::string(http::method_name(request.head.method)) + " " + request.head.path;
    handler->answer(from, std::move(request),
                    [this, alive = std::weak_ptr(alive_), from, what = printable(what),
                     done = std::move(on_reply)](http::Response response) mutable {
                        if (alive.expired()) return;
                        events_.on_answered(from, what, std::to_string(response.status));
                        done(std::move(response));
                    });
}

}  // namespace spate::tracker
