#include "apps/source_finder.h"

#include <algorithm>

#include "apps/torrent_file.h"
#include "base/printable.h"
#include "metainfo/limits.h"
#include "metainfo/torrent_reader.h"

namespace spate::apps {

std::vector<std::string> announce_urls(const HostPort& tracker) {
    return {"http://" + tracker.text() + "/announce", "udp://" + tracker.text() + "/announce"};
}

namespace {

Result<metainfo::Metainfo> read(std::string_view torrent) {
    return metainfo::read_torrent(as_bytes(torrent), metainfo::CaseRule::keep);
}

Result<FoundSource> found(Result<metainfo::Metainfo> torrent) {
    if (!torrent) return fail(std::move(torrent.error()));
    return FoundSource{std::move(*torrent), {}, {}};
}

// The tracker's own URLs that the torrent does not name.
std::vector<std::string> missing_urls(const HostPort& tracker, const metainfo::Metainfo& torrent) {
    auto urls = announce_urls(tracker);
    std::erase_if(urls, [&](const std::string& url) {
        return std::ranges::any_of(
            torrent.trackers, [&](const auto& tier) { return std::ranges::find(tier, url) != tier.end(); });
    });
    return urls;
}

// What to do about it, for people.
Error advised(Error error, const EntrySource& source) {
    const auto tracker = source.tracker.text();
    if (error.is(std::errc::no_such_file_or_directory))
        return Error::invalid("get", source.name,
                              "the tracker " + tracker + " has nothing of that name; 'spate list --tracker " +
                                  tracker + "' shows what it has",
                              std::errc::no_such_file_or_directory);
    error.detail = (error.detail.empty() ? error.code.message() : error.detail) +
                   " (is the tracker running there? --tracker HOST[:PORT] or SPATE_TRACKER names another)";
    return error;
}

}  // namespace

SourceFinder::SourceFinder(io::World& world, SourceText source, Done done)
    : world_(world), source_(std::move(source)), done_(std::move(done)) {
    std::visit([this](const auto& what) { find(what); }, source_);
}

SourceFinder::~SourceFinder() {
    *alive_ = false;
}

void SourceFinder::finish(Result<FoundSource> result) {
    const auto done = std::make_shared<Done>(std::move(done_));
    world_.reactor.post([done, result = std::move(result), alive = alive_]() mutable {
        if (*alive) (*done)(std::move(result));
    });
}

void SourceFinder::find(const metainfo::Magnet& source) {
    finish(FoundSource{source, {}, {}});
}

void SourceFinder::find(const FileSource& source) {
    const auto torrent = std::make_shared<Result<metainfo::Metainfo>>(metainfo::Metainfo{});
    auto& files = world_.files;
    world_.pool.submit([&files, path = source.path, torrent] { *torrent = load_torrent(files, path); },
                       [this, torrent, path = source.path, alive = alive_] {
                           if (!*alive) return;
                           if (!*torrent && torrent->error().object.empty()) torrent->error().object = path;
                           finish(found(std::move(*torrent)));
                       });
}

void SourceFinder::find(const http::Url& source) {
    http_client::ExchangeRequest request;
    request.url = source;
    http_client::ExchangeLimits limits;
    limits.body_bytes_max = metainfo::torrent_bytes_max;
    exchange_ = std::make_unique<http_client::HttpExchange>(
        world_, std::move(request), std::move(limits),
        [this, url = source.text()](Result<http_client::Reply> reply) {
            if (!reply) return finish(fail(std::move(reply.error())));
            if (reply->response.status != 200)
                return finish(fail(Error::invalid(
                    "get", url, "the server answered " + std::to_string(reply->response.status))));
            finish(found(read(reply->response.body)));
        });
}

void SourceFinder::find(const EntrySource& source) {
    catalogue_ = std::make_unique<catalogue_client::CatalogueClient>(world_, source.tracker);
    pending_ = catalogue_->look(source.name, [this, source](Result<catalogue_protocol::ListedEntry> entry) {
        on_looked(source, std::move(entry));
    });
}

void SourceFinder::on_looked(const EntrySource& source, Result<catalogue_protocol::ListedEntry> entry) {
    if (!entry) return finish(fail(advised(std::move(entry.error()), source)));
    if (!entry->is_published())
        return finish(FoundSource{ClassicOnly{{source.tracker, source.name}, entry->size}, {}, {}});
    pending_ = catalogue_->fetch(source.name, [this, source, listed = *entry](Result<std::string> torrent) {
        on_fetched(source, listed, std::move(torrent));
    });
}

void SourceFinder::on_fetched(const EntrySource& source, const catalogue_protocol::ListedEntry& listed,
                              Result<std::string> torrent) {
    if (!torrent) return finish(fail(advised(std::move(torrent.error()), source)));
    auto metainfo = read(*torrent);
    if (!metainfo) return finish(fail(std::move(metainfo.error())));
    if (metainfo->info.hash != listed.hash)
        return finish(fail(Error::invalid(
            "get", source.name, "the tracker lists another info-hash than its torrent has; try again",
            std::errc::bad_message)));
    auto trackers = missing_urls(source.tracker, *metainfo);
    std::optional<engine::ClassicEntry> classic;
    if (!listed.md5.empty() && listed.files == 1) classic = {source.tracker, source.name};
    finish(FoundSource{std::move(*metainfo), std::move(trackers), std::move(classic)});
}

}  // namespace spate::apps
