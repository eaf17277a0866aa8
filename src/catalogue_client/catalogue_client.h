// CatalogueClient: one tracker's catalogue over HTTP: list, look, fetch, publish, remove. Each call is one
// exchange (listing: one a page); destroying what it returns gives it up, and its callback does not run.
// Callbacks never run inside the call and may destroy anything. A refusal of the tracker is an Error whose
// text is the tracker's sentence, made printable. Limits: catalogue_protocol/limits.h; `time_limit` an
// exchange. Thread: the reactor's.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/endpoint.h"
#include "base/result.h"
#include "catalogue_protocol/list_query.h"
#include "catalogue_protocol/listed_entry.h"
#include "catalogue_protocol/publish_reply.h"
#include "hash/signature.h"
#include "io/world.h"

namespace spate::catalogue_client {

inline constexpr std::uint16_t default_port = 3456;

struct Publication {
    std::string name;  // the entry's: see catalogue_name()
    std::string metainfo;
    // Control bytes become blanks, what is too long is cut; nothing: the entry keeps the one it has.
    std::optional<std::string> description;
    std::string md5;              // of a single file's content, 32 hex digits; empty: not in the classic LIST
    std::uint16_t peer_port = 0;  // where our BitTorrent listens, for the tracker's possession check
    // Once more what was published with that sequence, unless something newer was said: then `superseded`.
    std::optional<std::uint64_t> after{};
};
inline constexpr auto superseded = std::errc::operation_canceled;

struct Published {
    // created, replaced, unchanged or joined: refusals are errors.
    catalogue_protocol::PublishResult result = catalogue_protocol::PublishResult::created;
    std::uint64_t sequence = 0;
};

class CatalogueClient {
  public:
    template <class T>
    using Done = std::move_only_function<void(Result<T>)>;
    using Work = std::unique_ptr<io::Pending>;

    CatalogueClient(io::World& world, HostPort tracker) : world_(world), tracker_(std::move(tracker)) {}

    // All of it, or the first `entries_max` entries in the query's order; query.limit is the page's.
    [[nodiscard]] Work list(catalogue_protocol::ListQuery query, std::size_t entries_max,
                            Done<std::vector<catalogue_protocol::ListedEntry>> done);
    // no_such_file_or_directory when there is no such entry (here and below).
    [[nodiscard]] Work look(const std::string& name, Done<catalogue_protocol::ListedEntry> done);
    // The metainfo's bytes, unread: metainfo::read_torrent() judges them.
    [[nodiscard]] Work fetch(const std::string& name, Done<std::string> done);
    [[nodiscard]] Work publish(Publication publication, const hash::SigningKey& key, Done<Published> done);
    [[nodiscard]] Work remove(const std::string& name, const hash::SigningKey& key, Done<void> done);

    const HostPort& tracker() const { return tracker_; }

    Duration time_limit = std::chrono::seconds(30);

  private:
    io::World& world_;
    HostPort tracker_;
};

// A name the catalogue takes, out of a file's: blanks become '_', what is not allowed goes; empty when
// nothing is left.
std::string catalogue_name(std::string_view file_name);

}  // namespace spate::catalogue_client
