#include "tracker/catalogue_handler.h"

#include <optional>
#include <utility>

#include "base/printable.h"
#include "catalogue/publication.h"
#include "catalogue_protocol/list_query.h"
#include "catalogue_protocol/listed_entry.h"
#include "http/url.h"

namespace spate::tracker {

using catalogue_protocol::Action;
using catalogue_protocol::PublishReply;
using catalogue_protocol::PublishResult;

namespace {

constexpr std::string_view list_path = "/catalogue";
constexpr std::string_view entry_start = "/entry/";
constexpr std::string_view torrent_start = "/torrent/";

http::Response json(unsigned status, std::string body) {
    http::Response response;
    response.status = status;
    response.headers.add("Content-Type", "application/json");
    response.headers.add("X-Content-Type-Options", "nosniff");
    response.body = std::move(body);
    return response;
}

http::Response said(const PublishReply& reply) {
    return json(catalogue_protocol::status_of(reply.result), catalogue_protocol::write_reply(reply));
}

http::Response refused(PublishResult result, std::string reason) {
    return said({result, printable(reason, 1000)});
}

http::Response not_allowed(std::string_view allowed) {
    auto response = json(405, "{\"error\":\"this path takes " + std::string(allowed) + "\"}\n");
    response.headers.add("Allow", std::string(allowed));
    return response;
}

bool is_get(const http::Request& request) {
    return request.head.method == http::Method::get || request.head.method == http::Method::head;
}

PublishReply reply_of(const catalogue::Outcome& outcome) {
    return {outcome.published, printable(outcome.reason, 1000), outcome.last_sequence};
}

std::string describe(const PublishReply& reply) {
    return std::string(catalogue_protocol::word_of(reply.result)) +
           (reply.reason.empty() ? "" : ": " + reply.reason);
}

}  // namespace

catalogue::SwarmCount AnnouncedCounts::count(const hash::Sha1& swarm) {
    const auto counts = announcements_.scrape(swarm, "/announce", reactor_.now());
    return {counts.complete, counts.incomplete};
}

struct CatalogueHandler::PublishJob {
    Endpoint from;
    catalogue_protocol::SignedRequest request;
    std::string body;
    OnHttpReply on_reply;
    Result<catalogue::ReadPublication, PublishReply> read;

    std::string what() const { return "publish " + printable(request.name); }
};

CatalogueHandler::CatalogueHandler(io::World world, catalogue::CatalogueService& catalogue,
                                   Announcements& announcements, Possession possession, Events& events)
    : world_(world),
      catalogue_(catalogue),
      counts_(world.reactor, announcements),
      possession_(possession),
      events_(events),
      checker_(world),
      self_(std::make_shared<CatalogueHandler*>(this)) {}

void CatalogueHandler::add_to(HttpRoutes& routes) {
    for (const auto path : {list_path, entry_start, torrent_start}) routes.add(std::string(path), *this);
}

std::size_t CatalogueHandler::body_max(const http::RequestHead& head) const {
    const bool publishes = head.method == http::Method::put && head.path.starts_with(torrent_start);
    return publishes ? catalogue_protocol::metainfo_bytes_max : 0;
}

void CatalogueHandler::answer(const Endpoint& from, http::Request request, OnHttpReply on_reply) {
    const std::string_view path = request.head.path;
    if (path == list_path) {
        return is_get(request) ? list(request, std::move(on_reply)) : on_reply(not_allowed("GET"));
    }
    const bool is_entry = path.starts_with(entry_start);
    auto name = http::percent_decoded(path.substr(is_entry ? entry_start.size() : torrent_start.size()));
    if (!name || name->empty()) {
        return on_reply(refused(PublishResult::bad_request, "the path names no entry"));
    }
    if (is_entry) {
        return is_get(request) ? look(*name, std::move(on_reply)) : on_reply(not_allowed("GET"));
    }
    if (is_get(request)) return send_metainfo(*name, std::move(on_reply));
    if (request.head.method == http::Method::put) {
        return publish(from, std::move(*name), std::move(request), std::move(on_reply));
    }
    if (request.head.method == http::Method::remove) {
        return remove(from, std::move(*name), request, std::move(on_reply));
    }
    on_reply(not_allowed("GET, PUT, DELETE"));
}

void CatalogueHandler::list(const http::Request& request, OnHttpReply on_reply) {
    const auto query = catalogue_protocol::read_list_query(request.head.query);
    if (!query) return on_reply(refused(PublishResult::bad_request, query.error().message()));
    on_reply(json(200, catalogue_protocol::write_page(catalogue_.list(*query, counts_))));
}

void CatalogueHandler::look(const std::string& name, OnHttpReply on_reply) {
    const auto entry = catalogue_.look(name, counts_);
    if (!entry) return on_reply(refused(PublishResult::not_found, "no entry is called " + name));
    on_reply(json(200, catalogue_protocol::write_entry(*entry)));
}

void CatalogueHandler::send_metainfo(const std::string& name, OnHttpReply on_reply) {
    catalogue_.metainfo(
        name, [name, done = std::move(on_reply)](Result<catalogue::MetainfoBytes> metainfo) mutable {
            if (!metainfo) {
                const bool is_missing = metainfo.error().is(std::errc::no_such_file_or_directory);
                return done(refused(
                    is_missing ? PublishResult::not_found : PublishResult::failed,
                    is_missing ? "nothing is published under the name " + name : metainfo.error().message()));
            }
            http::Response response;
            response.headers.add("Content-Type", "application/x-bittorrent");
            response.headers.add("Content-Disposition",
                                 "attachment; filename*=UTF-8''" + http::percent_encoded(name) + ".torrent");
            response.headers.add("X-Content-Type-Options", "nosniff");
            response.body = **metainfo;
            done(std::move(response));
        });
}

void CatalogueHandler::publish(const Endpoint& from, std::string name, http::Request request,
                               OnHttpReply on_reply) {
    auto read = catalogue_protocol::read_headers(Action::publish, std::move(name), request.head.headers);
    if (!read) return on_reply(refused(PublishResult::bad_request, read.error().message()));
    if (possession_ == Possession::require && read->port == 0) {
        return on_reply(refused(PublishResult::bad_request,
                                "this tracker asks every publisher for pieces: Spate-Port is needed"));
    }
    if (publishing_ >= publishing_max) {
        return on_reply(refused(PublishResult::failed, "too many are publishing just now; try again"));
    }
    ++publishing_;
    auto job = std::make_shared<PublishJob>(from, std::move(*read), std::move(request.body),
                                            std::move(on_reply), std::unexpected(PublishReply{}));
    world_.pool.submit([job] { job->read = catalogue::read_publication(job->request, std::move(job->body)); },
                       [job, still_there = std::weak_ptr<CatalogueHandler*>(self_)] {
                           if (const auto self = still_there.lock()) (*self)->store(job);
                       });
}

void CatalogueHandler::store(const std::shared_ptr<PublishJob>& job) {
    if (!job->read) {
        --publishing_;
        events_.on_answered(job->from, job->what(), describe(job->read.error()));
        return job->on_reply(refused(job->read.error().result, job->read.error().reason));
    }
    catalogue_.publish(
        job->read->publication, job->from.address,
        [job, still_there = std::weak_ptr<CatalogueHandler*>(self_)](const catalogue::Outcome& outcome) {
            const auto self = still_there.lock();
            if (!self) return;
            const auto reply = reply_of(outcome);
            --(*self)->publishing_;
            (*self)->events_.on_answered(job->from, job->what(), describe(reply));
            if (!catalogue_protocol::is_refusal(reply.result)) (*self)->check(*job, reply.result);
            job->on_reply(said(reply));
        });
}

void CatalogueHandler::check(const PublishJob& job, PublishResult result) {
    const auto& name = job.read->publication.name;
    const auto* entry = catalogue_.find(name);
    const bool is_judged = entry == nullptr || entry->published == nullptr ||
                           entry->verification == catalogue::Verification::verified;
    if (possession_ == Possession::off || job.request.port == 0 || is_judged) return;
    // Whoever joined answers for itself only: its wrong bytes say nothing about the entry.
    const bool is_own = result != PublishResult::joined;
    const auto digest = entry->published->metainfo_digest;
    checker_.check(*job.read->torrent, {job.from.address, job.request.port},
                   [this, name, digest, is_own, from = job.from](const Finding& finding) {
                       const bool is_good = finding.kind == Finding::Kind::verified;
                       const bool is_strict = possession_ == Possession::require;
                       const bool is_refused =
                           finding.kind == Finding::Kind::refused || (is_strict && !is_good);
                       events_.on_answered(from, "possession of " + printable(name),
                                           is_good ? "verified"
                                                   : (is_refused && is_own ? "refused: " : "unverified: ") +
                                                         printable(finding.reason));
                       if (is_refused && !is_own) return;
                       catalogue_.judge(name, digest,
                                        is_good      ? catalogue::Judgement::verified
                                        : is_refused ? catalogue::Judgement::refused
                                                     : catalogue::Judgement::unverified);
                   });
}

void CatalogueHandler::remove(const Endpoint& from, std::string name, const http::Request& request,
                              OnHttpReply on_reply) {
    auto read = catalogue_protocol::read_headers(Action::remove, std::move(name), request.head.headers);
    if (!read) return on_reply(refused(PublishResult::bad_request, read.error().message()));
    const auto what = "remove " + printable(read->name);
    const auto removal = catalogue::read_removal(std::move(*read));
    if (!removal) {
        events_.on_answered(from, what, describe(removal.error()));
        return on_reply(said(removal.error()));
    }
    catalogue_.remove(*removal, [from, what, done = std::move(on_reply),
                                 still_there = std::weak_ptr<CatalogueHandler*>(self_)](
                                    const catalogue::Outcome& outcome) mutable {
        const auto self = still_there.lock();
        if (!self) return;
        const auto reply = reply_of(outcome);
        (*self)->events_.on_answered(from, what, describe(reply));
        done(said(reply));
    });
}

}  // namespace spate::tracker
