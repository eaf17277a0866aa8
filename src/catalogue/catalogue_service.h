// CatalogueService: the catalogue as a tracker front end uses it. Changes are answered when they are stored
// (kill -9 loses no answered change); reads are answered from memory at once and show stored changes only.
//
// Owner: the program; it outlives the front ends. Thread: the reactor's; nothing blocks but open().
// Callbacks never run inside the call, and not after the service is destroyed.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/endpoint.h"
#include "base/log.h"
#include "base/result.h"
#include "catalogue/entry.h"
#include "catalogue/limits.h"
#include "catalogue/listing.h"
#include "catalogue/outcome.h"
#include "catalogue/publication.h"
#include "catalogue/replies.h"
#include "classic/tracker_request.h"
#include "io/files.h"
#include "io/reactor.h"
#include "io/work_pool.h"

namespace spate::catalogue {

// The part of `folder` that the service's process owns, for what a tracker keeps beside the entries.
std::string state_folder_of(const std::string& folder);

using OnDone = std::move_only_function<void(const Outcome&)>;
using OnMetainfo = std::move_only_function<void(Result<MetainfoBytes>)>;

struct Counters {
    std::size_t entries = 0;
    std::size_t peers = 0;             // lines kept, some may be dead but not yet swept
    std::size_t queued = 0;            // changes that wait for the disk
    std::uint64_t stored_changes = 0;  // since the start
    std::uint64_t failed_changes = 0;  // because of the disk, since the start
    std::uint64_t batches = 0;         // transactions, since the start
    bool disk_ok = true;               // the last attempt to store worked
};

class CatalogueService {
  public:
    // Blocking: opens or makes the state in `folder` (see docs/formats/catalogue.md) and loads it. Everything
    // given outlives the service. Errors: another process owns the folder; a state that cannot be trusted.
    static Result<std::unique_ptr<CatalogueService>> open(io::Reactor& reactor, io::WorkPool& pool,
                                                          io::Files& files, Log& log,
                                                          const std::string& folder, const Limits& limits);
    virtual ~CatalogueService() = default;

    // The refusal a create would get as things stand, or nothing: ask before a possession check.
    virtual std::optional<Outcome> refusal(const classic::CreateTracker& request, const Address& from) = 0;
    // `from`: the address the request came from (caps count by it).
    virtual void create(const classic::CreateTracker& request, const Address& from, Verification verification,
                        OnDone on_done) = 0;
    virtual void update(const classic::UpdateTracker& request, OnDone on_done) = 0;
    // That peer serves nothing of it any more; its range does not count.
    virtual void withdraw(const classic::UpdateTracker& request, OnDone on_done) = 0;

    // Whole replies, ready for one write: "<REP LIST X>" ... and "<REP GET BEGIN>" ...; shared, immutable.
    virtual Reply list_reply() = 0;
    // `name`: with or without ".track". Null: no such entry.
    virtual Reply get_reply(std::string_view name) = 0;
    // The entry as stored, null if there is none; valid until the next turn of the reactor.
    virtual const Entry* find(std::string_view name) const = 0;

    // Published entries (docs/protocols/catalogue.md); the requests' signatures are right:
    // read_publication().
    virtual void publish(const Publication& publication, const Address& from, OnDone on_done) = 0;
    virtual void remove(const Removal& removal, OnDone on_done) = 0;
    // What a possession check found of the entry with that metainfo; nothing happens when it has another by
    // now. `refused` takes what the publication brought away again.
    virtual void judge(const std::string& name, const hash::Sha256& metainfo_digest, Judgement judgement) = 0;
    // The metainfo of an entry; no_such_file_or_directory when it has none. From the disk: a pool job.
    virtual void metainfo(std::string_view name, OnMetainfo on_metainfo) = 0;
    virtual catalogue_protocol::ListPage list(const catalogue_protocol::ListQuery& query,
                                              SwarmCounts& swarms) const = 0;
    virtual std::optional<catalogue_protocol::ListedEntry> look(std::string_view name,
                                                                SwarmCounts& swarms) const = 0;

    // The bare dialect: a TRACKER message came; what LIST is answered ("Requesting Files..." or the file's
    // name).
    virtual void bare_tracker(const Address& from, OnDone on_done) = 0;
    virtual std::string_view bare_list() = 0;

    virtual Counters counters() const = 0;
};

}  // namespace spate::catalogue
