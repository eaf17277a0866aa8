#include "tracker/http_announcing.h"

#include <utility>
#include <vector>

#include "announce/http_announce.h"

namespace spate::tracker {

using announce::Failure;
using announce::RetryIn;

namespace {

http::Response bencoded(std::string body) {
    http::Response response;
    response.headers.add("Content-Type", "text/plain");
    response.body = std::move(body);
    return response;
}

// Announces and scrapes are read with GET only.
bool reads(const http::RequestHead& head) {
    return head.method == http::Method::get || head.method == http::Method::head;
}

std::string too_many() {
    return announce::write_failure(Failure{"too many requests from your address", RetryIn{false, 10}});
}

}  // namespace

void AnnounceHandler::answer(const Endpoint& from, http::Request request, OnHttpReply on_reply) {
    if (!reads(request.head)) return on_reply(http::Response::text(405, "Announce with GET.\n"));
    on_reply(bencoded(reply_to(from, request.head)));
}

std::string AnnounceHandler::reply_to(const Endpoint& from, const http::RequestHead& head) {
    const auto now = reactor_.now();
    ++counters_.announces;
    if (!announcements_.admit(from.address, now)) {
        ++counters_.failures;
        return too_many();
    }
    auto request = announce::parse_announce_query(head.query);
    if (!request) {
        ++counters_.failures;
        return announce::write_failure(request.error());
    }
    announce::AnnounceReply reply;
    announcements_.announce(*request, head.path, from.address, true, now, reply);
    return announce::write_announce_reply(reply, request->compact);
}

void ScrapeHandler::answer(const Endpoint& from, http::Request request, OnHttpReply on_reply) {
    if (!reads(request.head)) return on_reply(http::Response::text(405, "Scrape with GET.\n"));
    on_reply(bencoded(reply_to(from, request.head)));
}

std::string ScrapeHandler::reply_to(const Endpoint& from, const http::RequestHead& head) {
    const auto now = reactor_.now();
    ++counters_.scrapes;
    if (!announcements_.admit(from.address, now)) {
        ++counters_.failures;
        return too_many();
    }
    const auto hashes = announce::parse_scrape_query(head.query);
    if (!hashes) {
        ++counters_.failures;
        return announce::write_failure(hashes.error());
    }
    std::vector<std::pair<hash::Sha1, announce::ScrapeCounts>> files;
    for (const auto& hash : *hashes) files.emplace_back(hash, announcements_.scrape(hash, head.path, now));
    return announce::write_scrape_reply(files);
}

}  // namespace spate::tracker
