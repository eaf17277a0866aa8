// EntryFinder: what a name at a tracker stands for: its torrent out of the tracker's catalogue, or an entry
// that only the classic protocol knows: of a catalogue, or of a tracker that speaks nothing else. Destroying
// it gives it up. `done` runs once, never from inside the constructor, and may destroy it. Thread: the
// reactor's.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/classic_fallback.h"
#include "apps/found_source.h"
#include "apps/source_text.h"
#include "catalogue_client/catalogue_client.h"

namespace spate::apps {

class EntryFinder {
  public:
    using Done = std::move_only_function<void(Result<FoundSource>)>;

    EntryFinder(io::World& world, EntrySource source, Done done);

  private:
    void on_looked(Result<catalogue_protocol::ListedEntry> entry);
    void on_fetched(const catalogue_protocol::ListedEntry& listed, Result<std::string> torrent);
    void on_classic_list(const Result<ClassicFallback::Entries>& entries);
    void finish(Result<FoundSource> found);

    EntrySource source_;
    Done done_;
    catalogue_client::CatalogueClient catalogue_;
    catalogue_client::CatalogueClient::Work asked_;
    std::optional<Error> refusal_;              // of the catalogue; LIST may still know it
    std::unique_ptr<ClassicFallback> classic_;  // while it may still answer
};

// Where a tracker of ours takes announces: over HTTP and over UDP.
std::vector<std::string> announce_urls(const HostPort& tracker);
// Of those, the ones that a torrent does not name.
std::vector<std::string> missing_urls(const HostPort& tracker,
                                      const std::vector<std::vector<std::string>>& tiers);

}  // namespace spate::apps
