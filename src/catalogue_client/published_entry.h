// PublishedEntry: keeps an entry that was published listed for as long as this lives. It looks the entry up
// every few minutes; a tracker that has lost it (its state is gone, it is another machine) is told again,
// with the sequence just above the last, so that a tracker which knows of a removal or of newer words
// refuses. Who only joined an entry of somebody else publishes nothing, but is told that it is gone. When
// nobody is in the entry's swarm, we are not known there either.
//
// One small request every pause_min, ten percent more or less; while the news is bad or the tracker silent
// the pauses double up to pause_max. Owner: who shares; not destroyed from inside a callback. Thread: the
// reactor's.
#pragma once

#include <memory>
#include <string>

#include "base/rng.h"
#include "catalogue_client/catalogue_client.h"
#include "hash/signature.h"
#include "io/world.h"
#include "metainfo/info_hash.h"

namespace spate::catalogue_client {

class PublishedEntryEvents {
  public:
    virtual ~PublishedEntryEvents() = default;
    // Nobody is known to share it: those who do should announce once more.
    virtual void on_nobody_listed() = 0;
    virtual void on_published_again() = 0;
    // For people, printable. Nothing comes after an `over` one: the entry is not ours to keep any more.
    virtual void on_entry_trouble(const std::string& text, bool over) = 0;
};

class PublishedEntry {
  public:
    static constexpr Duration pause_min = std::chrono::minutes(2);
    static constexpr Duration pause_max = std::chrono::minutes(8);

    // publication: as `published` answers it.
    PublishedEntry(io::World& world, CatalogueClient& catalogue, Publication publication,
                   const metainfo::InfoHash& hash, const hash::SigningKey& key, const Published& published,
                   PublishedEntryEvents& events);

  private:
    void look_later();
    void look();
    void on_looked(const Result<catalogue_protocol::ListedEntry>& entry);
    void on_missing();
    void on_published(const Result<Published>& published);
    void end(const std::string& why);
    std::string there() const;

    CatalogueClient& catalogue_;
    Publication publication_;
    const metainfo::InfoHash hash_;
    const hash::SigningKey key_;
    const bool is_ours_;
    PublishedEntryEvents& events_;
    io::Reactor& reactor_;
    Rng rng_;
    Duration pause_ = pause_min;
    bool told_missing_ = false;
    CatalogueClient::Work asked_;
    std::unique_ptr<io::Timer> timer_;
};

}  // namespace spate::catalogue_client
