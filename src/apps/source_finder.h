// SourceFinder: makes of what a person named something to download: reads the .torrent, asks a web server for
// it, or a tracker (EntryFinder). Each source is one
// finder; destroying it gives it up. `done` runs once, in a later turn, and may destroy it. Thread: the
// reactor's.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "apps/entry_finder.h"
#include "http_client/http_exchange.h"
#include "io/world.h"

namespace spate::apps {

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
    void finish(Result<FoundSource> found);

    io::World& world_;
    SourceText source_;
    Done done_;
    std::unique_ptr<EntryFinder> entry_;
    std::unique_ptr<http_client::HttpExchange> exchange_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace spate::apps
