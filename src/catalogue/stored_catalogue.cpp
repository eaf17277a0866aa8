#include "catalogue/stored_catalogue.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/assert.h"
#include "catalogue/draft.h"
#include "catalogue/peer_rules.h"
#include "classic/tracker_file.h"
#include "classic/tracker_reply.h"

namespace spate::catalogue {

namespace {

constexpr std::string_view track_ending = ".track";

// A restart (or reading the disk again) forgets TRACKER messages that are older than a peer may be:
// yesterday's senders do not serve today. While the tracker runs they count for ever, as they did in the
// original.
BareTrackers recent(const BareTrackers& bare, WallTime now, std::chrono::seconds timeout) {
    BareTrackers kept;
    for (const auto time : bare) {
        if (!is_older_than(time, now, timeout)) kept.push_back(time);
    }
    return kept;
}

}  // namespace

Result<std::unique_ptr<CatalogueService>> CatalogueService::open(io::Reactor& reactor, io::WorkPool& pool,
                                                                 io::Files& files, Log& log,
                                                                 const std::string& folder,
                                                                 const Limits& limits) {
    auto disk = Disk::open(files, folder, limits.removed_names);
    if (!disk) return fail(std::move(disk.error()));
    if ((*disk)->has_empty_database())
        log.warning("the catalogue in " + state_folder_of(folder) + "/" +
                    std::string(CatalogueStore::file_name) +
                    " is empty, and begun anew: if entries were in it, stop, and put a good copy there");
    auto catalogue = (*disk)->reopen();
    if (!catalogue) return fail(std::move(catalogue.error()));
    return std::make_unique<StoredCatalogue>(reactor, pool, log, limits, std::move(*catalogue),
                                             std::move(*disk));
}

StoredCatalogue::StoredCatalogue(io::Reactor& reactor, io::WorkPool& pool, Log& log, const Limits& limits,
                                 Catalogue catalogue, std::shared_ptr<Disk> disk)
    : reactor_(reactor),
      limits_(limits),
      catalogue_(std::move(catalogue)),
      replies_(catalogue_, limits_),
      metainfo_(reactor, pool, limits_.cached_metainfo_bytes, disk),
      track_files_(reactor, pool, log, limits_, catalogue_, disk),
      queue_(reactor, pool, log, limits_, catalogue_, disk, *this),
      sweep_timer_(reactor.make_timer([this] { sweep(); })) {
    SPATE_ASSERT(limits_.peers_per_entry <= classic::tracker_file_peers_max && limits_.changes_per_batch > 0);
    forget_old_bare_trackers();
    track_files_.refresh_all();
    sweep_timer_->arm(reactor_.now() + sweep_pause);
}

void StoredCatalogue::forget_old_bare_trackers() {
    Changes changes;
    changes.bare = recent(catalogue_.bare(), reactor_.wall_now(), limits_.peer_timeout);
    changes.bare_changed = changes.bare != catalogue_.bare();
    catalogue_.adopt(changes, limits_.removed_names);  // the store follows with the next TRACKER message
}

std::optional<Outcome> StoredCatalogue::refusal(const classic::CreateTracker& request, const Address& from) {
    return Draft(catalogue_, limits_, reactor_.wall_now()).create_refusal(request, from);
}

void StoredCatalogue::create(const classic::CreateTracker& request, const Address& from,
                             Verification verification, OnDone on_done) {
    // What is stored already decides it: no need to wait for the disk.
    if (auto refused = refusal(request, from)) return queue_.answer(std::move(on_done), std::move(*refused));
    queue_.submit(
        [request, from, verification](Draft& draft) { return draft.create(request, from, verification); },
        std::move(on_done));
}

void StoredCatalogue::update(const classic::UpdateTracker& request, OnDone on_done) {
    const auto* entry = catalogue_.find(request.name);
    if ((entry == nullptr || !entry->is_classic()) && queue_.idle()) {
        return queue_.answer(std::move(on_done), {Answer::ferr, "no such entry"});
    }
    if (entry != nullptr && entry->published == nullptr &&
        (request.start > request.end || request.end > entry->size)) {
        return queue_.answer(std::move(on_done), {Answer::fail, "the range is not inside the file"});
    }
    queue_.submit([request](Draft& draft) { return draft.update(request); }, std::move(on_done));
}

void StoredCatalogue::withdraw(const classic::UpdateTracker& request, OnDone on_done) {
    queue_.submit([request](Draft& draft) { return draft.withdraw(request); }, std::move(on_done));
}

Reply StoredCatalogue::get_reply(std::string_view name) {
    const auto now = reactor_.wall_now();
    if (name.ends_with(track_ending)) {
        auto stem = name;
        stem.remove_suffix(track_ending.size());
        if (auto reply = replies_.get(stem, now)) return reply;
    }
    return replies_.get(name, now);
}

void StoredCatalogue::publish(const Publication& publication, const Address& from, OnDone on_done) {
    queue_.submit([publication, from](Draft& draft) { return draft.publish(publication, from); },
                  std::move(on_done));
}

void StoredCatalogue::remove(const Removal& removal, OnDone on_done) {
    queue_.submit([removal](Draft& draft) { return draft.remove(removal); }, std::move(on_done));
}

void StoredCatalogue::judge(const std::string& name, const hash::Sha256& metainfo_digest,
                            Judgement judgement) {
    queue_.submit([=](Draft& draft) { return draft.judge(name, metainfo_digest, judgement); },
                  [](const Outcome&) {});
}

void StoredCatalogue::metainfo(std::string_view name, OnMetainfo on_metainfo) {
    const auto* entry = catalogue_.find(name);
    if (entry != nullptr && entry->published != nullptr) {
        return metainfo_.get(entry->name, entry->published->metainfo_digest, std::move(on_metainfo));
    }
    reactor_.post([done = std::move(on_metainfo), name = std::string(name)]() mutable {
        done(fail(Error::system(ENOENT, "read the metainfo of", name)));
    });
}

catalogue_protocol::ListPage StoredCatalogue::list(const catalogue_protocol::ListQuery& query,
                                                   SwarmCounts& swarms) const {
    return list_page(catalogue_, query, swarms, reactor_.wall_now(), limits_);
}

std::optional<catalogue_protocol::ListedEntry> StoredCatalogue::look(std::string_view name,
                                                                     SwarmCounts& swarms) const {
    const auto* entry = catalogue_.find(name);
    if (entry == nullptr) return std::nullopt;
    return listed(*entry, swarms, reactor_.wall_now(), limits_);
}

void StoredCatalogue::bare_tracker(const Address&, OnDone on_done) {
    queue_.submit(
        [](Draft& draft) {
            draft.bare_tracker();
            return Outcome{Answer::succ, {}};
        },
        std::move(on_done));
}

std::string_view StoredCatalogue::bare_list() {
    if (std::cmp_greater_equal(catalogue_.bare().size(), classic::bare_trackers_before_ready)) {
        return classic::bare_list_ready_reply;
    }
    const auto* entry = catalogue_.find(classic::bare_list_ready_reply);
    const bool covered = entry != nullptr && is_covered(*entry, reactor_.wall_now(), limits_.peer_timeout);
    return covered ? classic::bare_list_ready_reply : classic::bare_list_waiting_reply;
}

Counters StoredCatalogue::counters() const {
    return {catalogue_.entries().size(),
            catalogue_.peer_count(),
            queue_.waiting(),
            queue_.stored(),
            queue_.failed(),
            queue_.batches(),
            queue_.disk_ok()};
}

void StoredCatalogue::on_adopted(const Changes& changes) {
    replies_.forget(changes);
    for (const auto& change : changes.entries) {
        if (change.metainfo != nullptr && change.after->published != nullptr)
            metainfo_.put(change.after->published->metainfo_digest, change.metainfo);
    }
    track_files_.refresh(changes);
}

void StoredCatalogue::on_reloaded() {
    forget_old_bare_trackers();
    replies_.forget_all();
    track_files_.refresh_all();
}

void StoredCatalogue::sweep() {
    if (!queue_.disk_ok()) return sweep_timer_->arm(reactor_.now() + sweep_pause);
    const auto& entries = catalogue_.entries();
    const auto now = reactor_.wall_now();
    std::vector<std::string> with_dead;
    std::size_t dead = 0;
    bool is_full = false;  // more would be too much for one batch
    auto next = entries.lower_bound(swept_to_);
    for (std::size_t looked = 0; looked < lines_per_sweep && next != entries.end(); ++next) {
        const auto& peers = next->second->peers;
        looked += 1 + peers.size();
        const auto here = static_cast<std::size_t>(std::ranges::count_if(
            peers, [&](const Peer& peer) { return is_dead(peer, now, limits_.peer_timeout); }));
        if (here == 0) continue;
        is_full = dead > 0 && dead + here > limits_.changes_per_batch;
        if (is_full) break;
        dead += here;
        with_dead.push_back(next->first);
    }
    swept_to_ = next == entries.end() ? std::string() : next->first;
    const auto pause = is_full ? Duration::zero() : sweep_pause;
    if (with_dead.empty()) return sweep_timer_->arm(reactor_.now() + pause);
    queue_.submit(
        [names = std::move(with_dead)](Draft& draft) {
            for (const auto& name : names) draft.sweep(name);
            return Outcome{Answer::succ, {}};
        },
        [this, pause](const Outcome&) { sweep_timer_->arm(reactor_.now() + pause); });
}

}  // namespace spate::catalogue
