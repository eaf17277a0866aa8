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
    std::uint64_t piece_length = 0;  // 0: by size
    hash::PublicKey publisher{};
    bool replace = false;  // what is there and ours
};

// For CLI11: empty, or why no entry is called so. Blanks are let through: they become underscores.
std::string check_entry_name(const std::string& text);

// The kind of error when the pieces that were asked for are too many for a tracker's catalogue.
inline constexpr auto piece_size_refused = std::errc::argument_out_of_domain;

// Why no tracker would take a torrent of so many pieces, with so many bytes of paths; nothing if one may.
std::optional<Error> metainfo_refusal(const PlannedEntry& planned, std::uint64_t path_bytes);

// Why `planned` cannot take the place of what is there under its name, or join it; nothing if it may.
std::optional<Error> name_refusal(const catalogue_protocol::ListedEntry& there, const PlannedEntry& planned);

// The same once its info-hash is known.
std::optional<Error> hashed_refusal(const catalogue_protocol::ListedEntry& there, const PlannedEntry& planned,
                                    const metainfo::InfoHash& hash);

// No tracker answers there, whatever it is asked.
bool is_silence(const Error& error);

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
    struct Measured {
        std::uint64_t size = 0;
        std::uint64_t path_bytes = 0;
    };
    static Result<Measured> measure(io::Files& files, const std::string& path, const std::atomic<bool>& stop);
    void on_measured(Result<Measured> measured);
    void on_looked(const Result<catalogue_protocol::ListedEntry>& entry);
    void finish(Result<Found> result);

    PlannedEntry planned_;
    Done done_;
    catalogue_client::CatalogueClient catalogue_;
    catalogue_client::CatalogueClient::Work asked_;
    std::shared_ptr<std::atomic<bool>> given_up_ = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace spate::apps
