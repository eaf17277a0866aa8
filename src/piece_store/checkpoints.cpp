#include "piece_store/checkpoints.h"

#include <algorithm>
#include <iterator>
#include <list>
#include <map>
#include <set>
#include <utility>
#include <vector>

namespace spate::piece_store {
namespace {
// The first write to a file is told sooner, but not for each of many small files.
constexpr Duration begun_delay = std::chrono::milliseconds(200);
// So long a flush waits for the syncs of a round that was begun before.
constexpr Duration flush_delay = std::chrono::milliseconds(500);

template <class T, class Is>
void move_if(std::vector<T>& from, std::vector<T>& to, Is is) {
    const auto moved =
        std::stable_partition(from.begin(), from.end(), [&](const T& one) { return !is(one); });
    std::move(moved, from.end(), std::back_inserter(to));
    from.erase(moved, from.end());
}
}  // namespace

class Checkpoints::Impl : public std::enable_shared_from_this<Checkpoints::Impl> {
  public:
    using Done = std::move_only_function<void(Result<void>)>;

    Impl(io::World& world, ResumeDatabase& database, Log& log)
        : world_(world),
          database_(database),
          log_(log),
          timer_(world.reactor.make_timer([this] { running_ ? go_on_without_late() : run(); })) {}

    void start() { run_by(world_.reactor.now() + interval); }
    void add(PieceStore& store, std::string key, std::move_only_function<Totals()> totals);
    void remove(PieceStore& store);
    void flush(PieceStore* store, Done done);

  private:
    struct Member {
        PieceStore* store;
        std::string key;
        std::move_only_function<Totals()> totals;
        std::optional<StoredState> baseline{};  // to be saved before anything is synced
        bool failing = false;                   // and that was logged
    };
    struct Flush {
        PieceStore* store;  // null: all
        Done done;
        std::optional<Error> error{};
        bool is_of(const PieceStore* one) const { return store == nullptr || store == one; }
    };
    void run_by(TimePoint due);
    void run_soon(const PieceStore& store);
    void run();
    bool waits_for_late(const Flush& flush) const;
    void end_syncs_by(TimePoint end);
    void take_flushes();
    void synced(PieceStore* store, Result<StoredState> state);
    void go_on_without_late();
    void take(Member& member, const StoredState& state);
    void save();
    void saved(std::vector<ResumeProgress> progress, const Result<void>& result);
    void finished();
    Member* find(const PieceStore* store);
    void note_error(Member& member, const Error& error);

    io::World& world_;
    ResumeDatabase& database_;
    Log& log_;
    std::unique_ptr<io::Timer> timer_;
    std::list<Member> members_;
    TimePoint due_ = never;  // of the next round
    bool running_ = false;
    TimePoint syncs_end_ = never;                     // of this round; those that go on then are late
    std::set<PieceStore*> syncing_;                   // stores of this round whose files are being synced
    std::set<PieceStore*> late_;                      // of an earlier round, still
    std::map<std::string, ResumeProgress> progress_;  // to be saved; stays until it is
    std::vector<Flush> asked_;                        // for a round in which their stores are synced
    std::vector<Flush> served_;                       // in this round
};

Checkpoints::Impl::Member* Checkpoints::Impl::find(const PieceStore* store) {
    const auto found = std::ranges::find(members_, store, &Member::store);
    return found == members_.end() ? nullptr : &*found;
}

void Checkpoints::Impl::add(PieceStore& store, std::string key, std::move_only_function<Totals()> totals) {
    members_.push_back({&store, std::move(key), std::move(totals)});
    store.set_on_unsaved([self = weak_from_this(), &store] {
        if (const auto alive = self.lock()) alive->run_soon(store);
    });
    run_soon(store);
}

void Checkpoints::Impl::run_by(TimePoint due) {
    due_ = std::min(due_, due);
    if (!running_) timer_->arm(due_);
}

void Checkpoints::Impl::run_soon(const PieceStore& store) {
    run_by(world_.reactor.now() + (store.waits_for_state() ? Duration{} : begun_delay));
}

void Checkpoints::Impl::remove(PieceStore& store) {
    store.set_on_unsaved({});
    if (late_.erase(&store) > 0) run_by(world_.reactor.now());
    std::erase_if(members_, [&](const Member& member) { return member.store == &store; });
    const auto only_its = [&](const Flush& flush) { return flush.store == &store; };
    std::erase_if(asked_, only_its);
    std::erase_if(served_, only_its);
    // Nobody will tell how its sync went.
    if (syncing_.erase(&store) == 0 || !syncing_.empty()) return;
    world_.reactor.post([self = weak_from_this()] {
        if (const auto alive = self.lock()) alive->save();
    });
}

void Checkpoints::Impl::flush(PieceStore* store, Done done) {
    asked_.push_back({store, std::move(done)});
    for (const auto* const stores : {&syncing_, &late_})
        for (PieceStore* const one : *stores)
            if (asked_.back().is_of(one)) one->hurry_sync();
    if (!running_)
        run();
    else if (!syncing_.empty())
        end_syncs_by(world_.reactor.now() + flush_delay);
}

void Checkpoints::Impl::end_syncs_by(TimePoint end) {
    syncs_end_ = std::min(syncs_end_, end);
    timer_->arm(syncs_end_);
}

bool Checkpoints::Impl::waits_for_late(const Flush& flush) const {
    return std::ranges::any_of(late_, [&](const PieceStore* store) { return flush.is_of(store); });
}

// Those whose stores can all be synced now.
void Checkpoints::Impl::take_flushes() {
    const auto must_wait = [&](const Flush& flush) {
        return waits_for_late(flush) || std::ranges::any_of(members_, [&](const Member& member) {
                   return member.baseline && flush.is_of(member.store);
               });
    };
    move_if(asked_, served_, [&](const Flush& flush) { return !must_wait(flush); });
}

void Checkpoints::Impl::run() {
    running_ = true;
    due_ = syncs_end_ = never;
    timer_->disarm();
    for (auto& member : members_)
        if (auto baseline = member.store->take_baseline()) member.baseline = std::move(baseline);
    take_flushes();
    std::vector<PieceStore*> to_sync;
    for (auto& member : members_) {
        if (member.baseline)
            take(member, *member.baseline);
        else if (member.store->unsynced() && !late_.contains(member.store))
            to_sync.push_back(member.store);
    }
    syncing_.insert(to_sync.begin(), to_sync.end());
    if (!to_sync.empty()) end_syncs_by(world_.reactor.now() + patience);
    for (PieceStore* const store : to_sync) {
        const bool flushed =
            std::ranges::any_of(served_, [&](const Flush& flush) { return flush.is_of(store); });
        store->sync(flushed ? PieceStore::Closing::yes : PieceStore::Closing::no,
                    [self = weak_from_this(), store](Result<StoredState> state) {
                        if (const auto alive = self.lock()) alive->synced(store, std::move(state));
                    });
    }
    if (to_sync.empty())
        world_.reactor.post([self = weak_from_this()] {
            if (const auto alive = self.lock()) alive->save();
        });
}

// Each trouble is logged once, not every two seconds.
void Checkpoints::Impl::note_error(Member& member, const Error& error) {
    if (!std::exchange(member.failing, true))
        log_.warning("resume state not saved, it is tried again: " + error.message());
    for (auto& flush : served_)
        if (flush.is_of(member.store) && !flush.error) flush.error = error;
}

void Checkpoints::Impl::synced(PieceStore* store, Result<StoredState> state) {
    const bool late = late_.erase(store) > 0;
    if (!late && syncing_.erase(store) == 0) return;
    if (auto* const member = find(store)) {
        if (state)
            take(*member, *state);
        else
            note_error(*member, state.error());
    }
    if (late) return run_by(world_.reactor.now());
    if (syncing_.empty()) save();
}

void Checkpoints::Impl::go_on_without_late() {
    if (syncing_.empty()) return;
    late_.merge(syncing_);
    move_if(served_, asked_, [this](const Flush& flush) { return waits_for_late(flush); });
    save();
}

void Checkpoints::Impl::take(Member& member, const StoredState& state) {
    const auto totals = member.totals();
    progress_[member.key] = {member.key, write_state(state), totals.downloaded, totals.uploaded};
}

void Checkpoints::Impl::save() {
    // One that is given while these are saved would pass for saved.
    std::vector<ResumeProgress> progress;
    std::set<std::string_view> late;
    for (const auto& member : members_)
        if (late_.contains(member.store)) late.insert(member.key);
    for (auto it = progress_.begin(); it != progress_.end();) {
        if (late.contains(it->first)) {
            ++it;
            continue;
        }
        progress.push_back(std::move(it->second));
        it = progress_.erase(it);
    }
    if (progress.empty()) return finished();
    auto copy = progress;
    database_.save(std::move(copy),
                   [self = weak_from_this(), progress = std::move(progress)](Result<void> result) mutable {
                       if (const auto alive = self.lock()) alive->saved(std::move(progress), result);
                   });
}

void Checkpoints::Impl::saved(std::vector<ResumeProgress> progress, const Result<void>& result) {
    // Those that waited for this save need not wait for a better one.
    if (!result) move_if(asked_, served_, [this](const Flush& flush) { return !waits_for_late(flush); });
    for (auto& one : progress) {
        const auto member = std::ranges::find(members_, one.key, &Member::key);
        if (!result) progress_.try_emplace(one.key, std::move(one));
        if (member == members_.end()) continue;
        if (!result) {
            note_error(*member, result.error());
            member->store->not_saved(result.error());
            continue;
        }
        member->failing = false;
        member->baseline.reset();
        member->store->saved();
    }
    finished();
}

void Checkpoints::Impl::finished() {
    running_ = false;
    auto served = std::exchange(served_, {});
    run_by(world_.reactor.now() + interval);
    const auto self = shared_from_this();
    if (std::ranges::any_of(asked_, [this](const Flush& flush) { return !waits_for_late(flush); })) run();
    for (auto& flush : served) flush.done(flush.error ? Result<void>(fail(*flush.error)) : Result<void>());
}

Checkpoints::Checkpoints(io::World& world, ResumeDatabase& database, Log& log)
    : impl_(std::make_shared<Impl>(world, database, log)) {
    impl_->start();
}

Checkpoints::~Checkpoints() = default;

void Checkpoints::add(PieceStore& store, std::string key, std::move_only_function<Totals()> totals) {
    impl_->add(store, std::move(key), std::move(totals));
}

void Checkpoints::remove(PieceStore& store) {
    impl_->remove(store);
}

void Checkpoints::flush(PieceStore& store, std::move_only_function<void(Result<void>)> done) {
    impl_->flush(&store, std::move(done));
}

void Checkpoints::flush_all(std::move_only_function<void(Result<void>)> done) {
    impl_->flush(nullptr, std::move(done));
}

}  // namespace spate::piece_store
