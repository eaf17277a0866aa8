// SourceFinder: makes of what a person named something to download: reads the .torrent, asks the catalogue or
// the web server for it, or finds that an entry is known to the classic protocol only. Each source is one
// finder; destroying it gives it up. `done` runs once, in a later turn, and may destroy it. Thread: the
// reactor's.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "apps/source_text.h"
#include "catalogue_client/catalogue_client.h"
#include "engine/add_torrent.h"
#include "http_client/http_exchange.h"
#include "io/world.h"

namespace spate::apps {

struct ClassicOnly {
    engine::ClassicEntry entry;
    std::uint64_t size = 0;
};

struct FoundSource {
    std::variant<metainfo::Metainfo, metainfo::Magnet, ClassicOnly> what;
    std::vector<std::string> trackers;            // announce URLs besides those it names itself
    std::optional<engine::ClassicEntry> classic;  // of a torrent that classic peers know too
};

class SourceFinder {
  public:
    using Done = std::move_only_function<void(Result<FoundSource>)>;

    SourceFinder(io::World& world, SourceText source, Done done);
    ~SourceFinder();
    SourceFinder(const SourceFinder&) = delete;
    SourceFinder& operator=(const SourceFinder&) = delete;

  private:
    void find(const EntrySource& source);
    void find(const FileSource& source);
    void find(const http::Url& source);
    void find(const metainfo::Magnet& source);
    void on_looked(const EntrySource& source, Result<catalogue_protocol::ListedEntry> entry);
    void on_fetched(const EntrySource& source, const catalogue_protocol::ListedEntry& listed,
                    Result<std::string> torrent);
    void finish(Result<FoundSource> found);

    io::World& world_;
    SourceText source_;
    Done done_;
    std::unique_ptr<catalogue_client::CatalogueClient> catalogue_;
    std::unique_ptr<io::Pending> pending_;
    std::unique_ptr<http_client::HttpExchange> exchange_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

// Where a tracker of ours takes announces: over HTTP and over UDP.
std::vector<std::string> announce_urls(const HostPort& tracker);

}  // namespace spate::apps
