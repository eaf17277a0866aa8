// StoredCatalogue: the CatalogueService there is. Puts the parts together: the catalogue in memory, the queue
// that stores its changes, the ready replies, the .track files, and the sweep that removes dead peers of
// entries nobody updates. Private to the module; made by CatalogueService::open().
#pragma once

#include <memory>
#include <string>

#include "catalogue/catalogue.h"
#include "catalogue/catalogue_service.h"
#include "catalogue/change_queue.h"
#include "catalogue/disk.h"
#include "catalogue/metainfo_cache.h"
#include "catalogue/replies.h"
#include "catalogue/track_files.h"

namespace spate::catalogue {

class StoredCatalogue final : public CatalogueService, private ChangeQueue::Observer {
  public:
    // A sweep stops when it has looked at about this many entries and peers, or found as many dead ones as
    // Limits::changes_per_batch (or those of one entry, if more): the next goes on from there, at once in the
    // second case. None while the disk takes no changes.
    static constexpr std::size_t lines_per_sweep = 20'000;
    static constexpr Duration sweep_pause = std::chrono::seconds(5);

    // `disk` has its store open and `catalogue` is what that holds.
    StoredCatalogue(io::Reactor& reactor, io::WorkPool& pool, Log& log, const Limits& limits,
                    Catalogue catalogue, std::shared_ptr<Disk> disk);

    std::optional<Outcome> refusal(const classic::CreateTracker& request, const Address& from) override;
    void create(const classic::CreateTracker& request, const Address& from, Verification verification,
                OnDone on_done) override;
    void update(const classic::UpdateTracker& request, OnDone on_done) override;
    void withdraw(const classic::UpdateTracker& request, OnDone on_done) override;
    Reply list_reply() override { return replies_.list(); }
    Reply get_reply(std::string_view name) override;
    const Entry* find(std::string_view name) const override { return catalogue_.find(name); }
    void publish(const Publication& publication, const Address& from, OnDone on_done) override;
    void remove(const Removal& removal, OnDone on_done) override;
    void judge(const std::string& name, const hash::Sha256& metainfo_digest, Judgement judgement) override;
    void metainfo(std::string_view name, OnMetainfo on_metainfo) override;
    catalogue_protocol::ListPage list(const catalogue_protocol::ListQuery& query,
                                      SwarmCounts& swarms) const override;
    std::optional<catalogue_protocol::ListedEntry> look(std::string_view name,
                                                        SwarmCounts& swarms) const override;
    void bare_tracker(const Address& from, OnDone on_done) override;
    std::string_view bare_list() override;
    Counters counters() const override;

  private:
    void on_adopted(const Changes& changes) override;
    void on_reloaded() override;
    void sweep();
    void forget_old_bare_trackers();

    io::Reactor& reactor_;
    const Limits limits_;
    Catalogue catalogue_;
    Replies replies_;
    MetainfoCache metainfo_;
    TrackFiles track_files_;
    ChangeQueue queue_;
    std::string swept_to_;  // the name at which the next sweep begins
    std::unique_ptr<io::Timer> sweep_timer_;
};

}  // namespace spate::catalogue
