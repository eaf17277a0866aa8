#include "apps/source_finder.h"

#include "apps/torrent_file.h"
#include "metainfo/limits.h"

namespace spate::apps {

namespace {

Result<FoundSource> found(Result<metainfo::Metainfo> torrent) {
    if (!torrent) return fail(std::move(torrent.error()));
    return FoundSource{std::move(*torrent)};
}

// It was taken for a name only because no such file is there.
Error no_file(const EntrySource& source, const Error& as_name) {
    const bool is_of_name = as_name.object == source.name && !as_name.detail.empty();
    return Error::invalid(
        "get", source.missing_file,
        "there is no such file; taken for a name: " + (is_of_name ? as_name.detail : as_name.message()),
        std::errc::no_such_file_or_directory);
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
    finish(FoundSource{source});
}

void SourceFinder::find(const FileSource& source) {
    const auto torrent = std::make_shared<Result<metainfo::Metainfo>>(metainfo::Metainfo{});
    auto& files = world_.files;
    world_.pool.submit([&files, path = source.path, torrent] { *torrent = load_torrent(files, path); },
                       [this, torrent, alive = alive_] {
                           if (*alive) finish(found(std::move(*torrent)));
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
            finish(found(read_torrent_of(url, as_bytes(reply->response.body))));
        });
}

void SourceFinder::find(const EntrySource& source) {
    entry_ = std::make_unique<EntryFinder>(world_, source, [this, source](Result<FoundSource> found) {
        if (!found && !source.missing_file.empty()) return finish(fail(no_file(source, found.error())));
        finish(std::move(found));
    });
}

}  // namespace spate::apps
