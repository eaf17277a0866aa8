#include "piece_store/checkpoints.h"

#include <algorithm>
#include <list>
#include <map>
#include <utility>
#include <vector>

namespace spate::piece_store {
namespace {
// The first write to a file is told sooner, but not for each of many small files.
constexpr Duration begun_delay = std::chrono::milliseconds(200);
}  // namespace

class Checkpoints::Impl : public std::enable_shared_from_this<Checkpoints::Impl> {
  public:
    Impl(io::World& world, ResumeDatabase& database, Log& log)
        : world_(world),
          database_(database),
          log_(log),
          timer_(world.reactor.make_timer([this] { run(PieceStore::Closing::no); })) {}

    void soon() {
        if (!running_) timer_->arm(world_.reactor.now() + begun_delay);
    }
    void start() { timer_->arm(world_.reactor.now() + interval); }
    void add(PieceStore& store, std::string key, std::move_only_function<Totals()> totals);
    void remove(PieceStore& store);
    void flush(std::move_only_function<void(Result<void>)> done);

  private:
    struct Member {
        PieceStore* store;
        std::string key;
        std::move_only_function<Totals()> totals;
        std::optional<StoredState> baseline;  // to be saved before anything is synced
    };
    void run(PieceStore::Closing closing);
    void synced(const std::string& key, Result<StoredState> state);
    void take(Member& member, const StoredState& state);
    void save();
    void saved(std::vector<ResumeProgress> progress, const Result<void>& result);
    void finished();

    io::World& world_;
    ResumeDatabase& database_;
    Log& log_;
    std::unique_ptr<io::Timer> timer_;
    std::list<Member> members_;
    bool running_ = false;
    std::size_t syncing_ = 0;                         // stores of this round whose files are being synced
    std::map<std::string, ResumeProgress> progress_;  // to be saved; stays until it is
    std::optional<Error> error_;                      // the first of this round
    std::vector<std::move_only_function<void(Result<void>)>> flushes_;  // wait for a round of their own
    std::vector<std::move_only_function<void(Result<void>)>> waiting_;  // for the end of this one
};

void Checkpoints::Impl::add(PieceStore& store, std::string key, std::move_only_function<Totals()> totals) {
    members_.push_back({&store, std::move(key), std::move(totals), {}});
    store.set_on_begun([self = weak_from_this()] {
        if (const auto alive = self.lock()) alive->soon();
    });
    soon();
}

void Checkpoints::Impl::remove(PieceStore& store) {
    store.set_on_begun({});
    std::erase_if(members_, [&](const Member& member) { return member.store == &store; });
}

void Checkpoints::Impl::flush(std::move_only_function<void(Result<void>)> done) {
    flushes_.push_back(std::move(done));
    if (!running_) run(PieceStore::Closing::yes);
}

void Checkpoints::Impl::run(PieceStore::Closing closing) {
    running_ = true;
    timer_->disarm();
    for (auto& member : members_)
        if (auto baseline = member.store->take_baseline()) member.baseline = std::move(baseline);
    // Flushes wait for a round in which all stores are synced.
    if (std::ranges::none_of(members_, [](const Member& member) { return member.baseline.has_value(); }))
        waiting_ = std::exchange(flushes_, {});
    syncing_ = 1;
    for (auto& member : members_) {
        if (member.baseline) {
            take(member, *member.baseline);
            continue;
        }
        if (!member.store->unsynced()) continue;
        ++syncing_;
        member.store->sync(closing, [self = weak_from_this(), key = member.key](Result<StoredState> state) {
            if (const auto alive = self.lock()) alive->synced(key, std::move(state));
        });
    }
    if (--syncing_ == 0)
        world_.reactor.post([self = weak_from_this()] {
            if (const auto alive = self.lock()) alive->save();
        });
}

void Checkpoints::Impl::synced(const std::string& key, Result<StoredState> state) {
    const auto member = std::ranges::find(members_, key, &Member::key);
    if (!state) {
        if (!error_) error_ = state.error();
        log_.warning("resume state not saved: " + state.error().message());
    } else if (member != members_.end()) {
        take(*member, *state);
    }
    if (--syncing_ == 0) save();
}

void Checkpoints::Impl::take(Member& member, const StoredState& state) {
    const auto totals = member.totals();
    progress_[member.key] = {member.key, write_state(state), totals.downloaded, totals.uploaded};
}

void Checkpoints::Impl::save() {
    if (progress_.empty()) return finished();
    std::vector<ResumeProgress> progress;
    for (auto& [key, one] : std::exchange(progress_, {})) progress.push_back(std::move(one));
    auto copy = progress;
    database_.save(std::move(copy),
                   [self = weak_from_this(), progress = std::move(progress)](Result<void> result) mutable {
                       if (const auto alive = self.lock()) alive->saved(std::move(progress), result);
                   });
}

void Checkpoints::Impl::saved(std::vector<ResumeProgress> progress, const Result<void>& result) {
    for (auto& one : progress) {
        const auto member = std::ranges::find(members_, one.key, &Member::key);
        if (result && member != members_.end()) {
            member->baseline.reset();
            member->store->saved();
        }
        if (!result) progress_.try_emplace(one.key, std::move(one));
    }
    if (!result) {
        if (!error_) error_ = result.error();
        log_.warning("resume state not saved: " + result.error().message());
    }
    finished();
}

void Checkpoints::Impl::finished() {
    running_ = false;
    const auto error = std::exchange(error_, {});
    auto waiting = std::exchange(waiting_, {});
    if (!flushes_.empty()) {
        run(PieceStore::Closing::yes);
    } else {
        timer_->arm(world_.reactor.now() + interval);
    }
    for (auto& done : waiting) done(error ? Result<void>(fail(*error)) : Result<void>());
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

void Checkpoints::flush(std::move_only_function<void(Result<void>)> done) {
    impl_->flush(std::move(done));
}

}  // namespace spate::piece_store
