#include "sim/scenarios/classic_tracker.h"

#include <utility>

namespace spate::sim {
namespace {

constexpr Duration check_pause = std::chrono::milliseconds(500);
constexpr Duration open_pause = std::chrono::seconds(1);

std::string peer_name(const std::string& host, std::uint16_t port) {
    return host + " port " + std::to_string(port);
}

std::int64_t wall_offset(Host& host) {
    const auto now = host.simulation().now().time_since_epoch();
    return host.wall_now().unix_seconds - std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

// Passes everything on, and notes in the ledger what was asked and what was answered succ.
class WatchedCatalogue final : public catalogue::CatalogueService {
  public:
    WatchedCatalogue(std::unique_ptr<CatalogueService> inner, std::shared_ptr<TrackerLedger> ledger)
        : inner_(std::move(inner)), ledger_(std::move(ledger)) {}

    std::optional<catalogue::Outcome> refusal(const classic::CreateTracker& request,
                                              const Address& from) override {
        return inner_->refusal(request, from);
    }
    void create(const classic::CreateTracker& request, const Address& from,
                catalogue::Verification verification, catalogue::OnDone on_done) override {
        ledger_->asked(request);
        inner_->create(request, from, verification,
                       [ledger = ledger_, request, done = std::move(on_done)](auto& outcome) mutable {
                           if (outcome.answer == catalogue::Answer::succ) ledger->answered(request);
                           done(outcome);
                       });
    }
    void update(const classic::UpdateTracker& request, catalogue::OnDone on_done) override {
        inner_->update(request, [ledger = ledger_, receipt = ledger_->asked(request),
                                 done = std::move(on_done)](auto& outcome) mutable {
            if (outcome.answer == catalogue::Answer::succ) ledger->answered(receipt);
            done(outcome);
        });
    }
    void withdraw(const classic::UpdateTracker& request, catalogue::OnDone on_done) override {
        inner_->withdraw(request, std::move(on_done));
    }
    catalogue::Reply list_reply() override { return inner_->list_reply(); }
    catalogue::Reply get_reply(std::string_view name) override { return inner_->get_reply(name); }
    const catalogue::Entry* find(std::string_view name) const override { return inner_->find(name); }
    void publish(const catalogue::Publication& publication, const Address& from,
                 catalogue::OnDone on_done) override {
        inner_->publish(publication, from, std::move(on_done));
    }
    void remove(const catalogue::Removal& removal, catalogue::OnDone on_done) override {
        inner_->remove(removal, std::move(on_done));
    }
    void judge(const std::string& name, const hash::Sha256& metainfo_digest,
               catalogue::Judgement judgement) override {
        inner_->judge(name, metainfo_digest, judgement);
    }
    void metainfo(std::string_view name, catalogue::OnMetainfo on_metainfo) override {
        inner_->metainfo(name, std::move(on_metainfo));
    }
    catalogue_protocol::ListPage list(const catalogue_protocol::ListQuery& query,
                                      catalogue::SwarmCounts& swarms) const override {
        return inner_->list(query, swarms);
    }
    std::optional<catalogue_protocol::ListedEntry> look(std::string_view name,
                                                        catalogue::SwarmCounts& swarms) const override {
        return inner_->look(name, swarms);
    }
    void bare_tracker(const Address& from, catalogue::OnDone on_done) override {
        inner_->bare_tracker(from, std::move(on_done));
    }
    std::string_view bare_list() override { return inner_->bare_list(); }
    catalogue::Counters counters() const override { return inner_->counters(); }

  private:
    std::unique_ptr<CatalogueService> inner_;
    std::shared_ptr<TrackerLedger> ledger_;
};

}  // namespace

std::shared_ptr<TrackerLedger> TrackerLedger::open(Host& tracker, OnClaim on_claim) {
    std::shared_ptr<TrackerLedger> ledger(new TrackerLedger(tracker, std::move(on_claim)));
    ledger->wall_offset_ = wall_offset(tracker);
    tracker.simulation().check_always([ledger]() -> std::optional<std::string> {
        ledger->release();
        return std::nullopt;
    });
    return ledger;
}

// Peers repeat themselves, so their lines are not synced: a power cut may take them, and so may a disk that
// fails a sync. A clock that jumps may make them old.
void TrackerLedger::release() {
    const auto offset = wall_offset(tracker_);
    const bool disk_syncs = tracker_.disk().faults().sync_error == 0;
    if (tracker_.up() && disk_syncs && offset == wall_offset_) return;
    wall_offset_ = offset;
    promises_.clear();
    ++releases_;
}

TrackerLedger::Receipt TrackerLedger::asked(const classic::UpdateTracker& request) {
    const ByteRange range{request.start, request.end};
    announced_[{request.name, peer_name(request.host, request.port)}].add(range);
    on_claim_(request.host, range);
    return {request, releases_, tracker_.simulation().now()};
}

void TrackerLedger::asked(const classic::CreateTracker& request) {
    on_claim_(request.host, {0, request.size});
}

void TrackerLedger::answered(const Receipt& receipt) {
    if (receipt.releases != releases_) return;
    const auto& request = receipt.request;
    promises_[{request.name, peer_name(request.host, request.port)}] = {{request.start, request.end},
                                                                        receipt.at};
}

void TrackerLedger::answered(const classic::CreateTracker& request) {
    entries_.insert(request.name);
}

std::optional<std::string> TrackerLedger::complaint(const catalogue::CatalogueService& catalogue) const {
    const auto timeout = catalogue::Limits{}.peer_timeout;
    for (const auto& name : entries_) {
        const auto* entry = catalogue.find(name);
        if (entry == nullptr) return "the tracker forgot the entry " + name;
        std::map<std::string, ByteRange> held;
        for (const auto& peer : entry->peers) {
            const auto who = peer_name(peer.host, peer.port);
            held[who] = {peer.start, peer.end};
            const auto announced = announced_.find({name, who});
            const bool known = announced != announced_.end() &&
                               (peer.start == peer.end || announced->second.contains(held[who]));
            if (!peer.provisional && !known) return "the tracker made up a range of " + who;
        }
        for (const auto& [peer, promise] : promises_) {
            if (peer.first != name || tracker_.simulation().now() - promise.at >= timeout) continue;
            const auto there = held.find(peer.second);
            if (there == held.end() || there->second.start > promise.range.start ||
                there->second.end < promise.range.end)
                return "the tracker forgot what it had answered to " + peer.second;
        }
    }
    return std::nullopt;
}

TrackerProgram::TrackerProgram(const ProgramStart& start, Simulation& simulation, tracker::Options options,
                               std::shared_ptr<TrackerLedger> ledger)
    : world_(start.world),
      log_(start.log),
      simulation_(simulation),
      options_(std::move(options)),
      ledger_(std::move(ledger)),
      open_timer_(world_.reactor.make_timer([this] { open(); })),
      check_timer_(world_.reactor.make_timer([this] { check(); })) {
    open();
}

TrackerProgram::~TrackerProgram() = default;

void TrackerProgram::open() {
    if (const auto opened = try_to_open())
        return check();
    else
        log_.error(opened.error().message());
    server_.reset();
    catalogue_.reset();
    open_timer_->arm(world_.reactor.now() + open_pause);
}

Result<void> TrackerProgram::try_to_open() {
    auto catalogue = catalogue::CatalogueService::open(world_.reactor, world_.pool, world_.files, log_,
                                                       folder, catalogue::Limits{});
    if (!catalogue) return fail(std::move(catalogue.error()));
    catalogue_ = std::make_unique<WatchedCatalogue>(std::move(*catalogue), ledger_);
    options_.announce.swarm_folder = catalogue::state_folder_of(folder);
    auto server = tracker::TrackerServer::open(world_, options_, *catalogue_, *this);
    if (!server) return fail(std::move(server.error()));
    server_ = std::move(*server);
    return {};
}

void TrackerProgram::check() {
    if (auto complaint = ledger_->complaint(*catalogue_)) simulation_.fail(*complaint);
    check_timer_->arm(world_.reactor.now() + check_pause);
}

void TrackerProgram::on_answered(const Endpoint&, std::string_view what, std::string_view outcome) {
    log_.info(std::string(what) + " -> " + std::string(outcome));
    const auto command = what.substr(0, what.find(' '));
    const auto word = outcome.substr(0, outcome.find(':'));
    simulation_.mark("tracker: " + std::string(command) + " " + std::string(word));
}

}  // namespace spate::sim
