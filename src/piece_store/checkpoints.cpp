#include "piece_store/checkpoints.h"

#include <algorithm>
#include <list>
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

    void start() { timer_->arm(world_.reactor.now() + interval); }
    void add(PieceStore& store, std::string key, std::move_only_function<Totals()> totals);
    void remove(PieceStore& store);
    void flush(std::move_only_function<void(Result<void>)> done);

  private:
    struct Member {
        PieceStore* store;
        std::string key;
        std::move_only_function<Totals()> totals;
    };
    void run(PieceStore::Closing closing);
    void synced(const std::string& key, Result<StoredState> state);
    void save();
    void finished(const Result<void>& saved);

    io::World& world_;
    ResumeDatabase& database_;
    Log& log_;
    std::unique_ptr<io::Timer> timer_;
    std::list<Member> members_;
    bool running_ = false;
    std::size_t syncing_ = 0;               // stores of this round whose files are being synced
    std::vector<ResumeProgress> progress_;  // of this round
    std::optional<Error> error_;            // the first of this round
    std::vector<std::move_only_function<void(Result<void>)>> flushes_;  // wait for a round of their own
    std::vector<std::move_only_function<void(Result<void>)>> waiting_;  // for the end of this one
};

void Checkpoints::Impl::add(PieceStore& store, std::string key, std::move_only_function<Totals()> totals) {
    members_.push_back({&store, std::move(key), std::move(totals)});
    store.set_on_begun([self = weak_from_this()] {
        const auto alive = self.lock();
        if (!alive || alive->running_) return;
        const auto soon = alive->world_.reactor.now() + begun_delay;
        alive->timer_->arm(soon);
    });
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
    waiting_ = std::exchange(flushes_, {});
    syncing_ = 1;
    for (auto& member : members_) {
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
        const auto totals = member->totals();
        progress_.push_back({key, write_state(*state), totals.downloaded, totals.uploaded});
    }
    if (--syncing_ == 0) save();
}

void Checkpoints::Impl::save() {
    if (progress_.empty()) return finished({});
    database_.save(std::exchange(progress_, {}), [self = weak_from_this()](Result<void> saved) {
        if (const auto alive = self.lock()) alive->finished(saved);
    });
}

void Checkpoints::Impl::finished(const Result<void>& saved) {
    if (!saved) {
        if (!error_) error_ = saved.error();
        log_.warning("resume state not saved: " + saved.error().message());
    }
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
