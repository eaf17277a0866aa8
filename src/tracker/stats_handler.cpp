#include "tracker/stats_handler.h"

#include "tracker/address_scope.h"

namespace spate::tracker {

namespace {

std::string as_json(const Stats& stats) {
    std::string text = "{";
    for (const auto& [name, value] : stats) {
        if (text.size() > 1) text += ",";
        text += "\"" + std::string(name) + "\":" + std::to_string(value);
    }
    return text + "}\n";
}

std::string as_lines(const Stats& stats) {
    std::string text;
    for (const auto& [name, value] : stats) text += std::string(name) + " " + std::to_string(value) + "\n";
    return text;
}

}  // namespace

void StatsHandler::answer(const Endpoint& from, http::Request request, OnHttpReply on_reply) {
    if (!is_public_ && scope_of(from.address) != AddressScope::local)
        return on_reply(http::Response::text(403, "For local addresses only.\n"));
    if (request.head.method != http::Method::get && request.head.method != http::Method::head)
        return on_reply(http::Response::text(405, "Ask with GET.\n"));
    const auto stats = stats_();
    if (!request.head.path.ends_with(".json")) return on_reply(http::Response::text(200, as_lines(stats)));
    http::Response response;
    response.headers.add("Content-Type", "application/json");
    response.body = as_json(stats);
    on_reply(std::move(response));
}

}  // namespace spate::tracker
