// NameCheck: asks the tracker whether a name can be published, before hours of hashing: is it there at all,
// does it keep torrents, does the name belong to something else? What is decided here is a promise of
// nothing: the tracker's answer to the publication counts. Destroying it gives it up. `done` runs once, in a
// later turn, and may destroy it. Thread: the reactor's.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "catalogue_client/catalogue_client.h"
#include "io/world.h"
#include "metainfo/torrent_writer.h"

namespace spate::apps {

// What is going to be published.
struct PlannedEntry {
    std::string name;
    std::uint64_t size = 0;
    metainfo::TorrentVersion version = metainfo::TorrentVersion::v1;
    hash::PublicKey publisher{};
    bool replace = false;  // what is there and ours
};

// Why `planned` cannot take the place of what is there under its name, or join it; nothing if it may.
std::optional<Error> name_refusal(const catalogue_protocol::ListedEntry& there, const PlannedEntry& planned);

// The same once its info-hash is known.
std::optional<Error> hashed_refusal(const catalogue_protocol::ListedEntry& there, const PlannedEntry& planned,
                                    const metainfo::InfoHash& hash);

// What to do when a tracker does not take a publication, added to what it said.
Error share_advice(Error error, const HostPort& tracker);

class NameCheck {
  public:
    // What is there under that name, if it does not stand in the way.
    using Found = std::optional<catalogue_protocol::ListedEntry>;
    using Done = std::move_only_function<void(Result<Found>)>;

    // path: of what is to be shared; the size in `planned` is found there.
    NameCheck(io::World& world, const HostPort& tracker, const std::string& path, PlannedEntry planned,
              Done done);
    ~NameCheck();
    NameCheck(const NameCheck&) = delete;
    NameCheck& operator=(const NameCheck&) = delete;

  private:
    void on_measured(Result<std::uint64_t> size);
    void on_looked(const Result<catalogue_protocol::ListedEntry>& entry);
    void finish(Result<Found> result);

    PlannedEntry planned_;
    Done done_;
    catalogue_client::CatalogueClient catalogue_;
    catalogue_client::CatalogueClient::Work asked_;
    std::shared_ptr<std::atomic<bool>> given_up_ = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace spate::apps
