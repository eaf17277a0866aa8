#include "engine/shards.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "engine/shard_launch.h"
#include "engine/shard_map.h"

namespace spate::engine {
namespace {

unsigned shards_for(std::size_t worlds, const SessionOptions& options) {
    SPATE_ASSERT(worlds > 0 && worlds <= Shards::shards_max);
    return std::min({static_cast<unsigned>(worlds), options.connections_max, options.half_open_max});
}

}  // namespace

class Shards::Impl final : private ShardOwner {
  public:
    Impl(const io::World& world, const std::vector<io::World>& worlds, const SessionOptions& options,
         SessionEvents& events, Log& log);
    ~Impl() override { *alive_ = false; }

    void start(Started done);
    Result<TorrentId> add(AddTorrent torrent);
    void remove(TorrentId id);
    void set_limits(const RateLimits& limits);
    void look(io::Callback done);
    void stop(io::Callback done);
    const ShardMap& map() const { return map_; }
    const std::vector<std::uint16_t>& ports() const { return ports_; }
    const std::vector<SessionLoad>& loads() const { return loads_; }
    // Work with it where it lives, if it still does by then.
    template <class Work>
    void post(TorrentId id, Work work) {
        shard_of(id).post([id, work = std::move(work)](Session& session) mutable {
            if (session.has(id)) work(session);
        });
    }
    // The same of what is answered, on our thread.
    template <class Work>
    void ask(TorrentId id, Session::Done done, Work work);

  private:
    Shard& shard_of(TorrentId id) { return *shards_[map_.at(id).shard]; }
    void on_refused(TorrentId id, const Error& error);
    void on_event(ShardEvent event) override;
    void on_log(LogLevel level, const std::string& text) override { log_.write(level, text); }

    io::World world_;
    SessionEvents& events_;
    Log& log_;
    SessionLedgers ledgers_;
    ShardMap map_;
    ShardLaunch launch_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    std::vector<std::unique_ptr<Shard>> shards_;
    std::vector<std::uint16_t> ports_;  // of those that are used
    std::vector<SessionLoad> loads_;
    std::vector<io::Callback> on_looked_;
    std::size_t looking_ = 0;  // shards whose answer is still to come
    std::size_t stopping_ = 0;
};

Shards::Impl::Impl(const io::World& world, const std::vector<io::World>& worlds,
                   const SessionOptions& options, SessionEvents& events, Log& log)
    : world_(world),
      events_(events),
      log_(log),
      ledgers_(options, shards_for(worlds.size(), options)),
      map_(ledgers_),
      launch_(world_, options, ledgers_, log) {
    ShardOwner& self = *this;
    for (unsigned i = 0; i < ledgers_.sessions; ++i)
        shards_.push_back(std::make_unique<Shard>(worlds[i], world_, self, alive_));
}

void Shards::Impl::start(Started done) {
    launch_.start(shards_, [this, done = std::move(done)](Result<std::vector<std::uint16_t>> all) mutable {
        if (all) ports_ = *all;
        map_.begin(ports_.size());
        loads_.resize(ports_.size());
        done(std::move(all));
    });
}

// --- torrents

Result<TorrentId> Shards::Impl::add(AddTorrent what) {
    const metainfo::InfoHash hash = hash_of(what);
    auto id = map_.add(what);
    if (!id) return id;
    Shard& home = shard_of(*id);
    home.post([this, &home, id = *id, hash, what = std::move(what)](Session& session) mutable {
        auto added = session.add(std::move(what), id);
        if (added) return;
        if (shards_.size() > 1) ledgers_.swarms.release(hash);
        home.answer([this, id, error = std::move(added.error())] { on_refused(id, error); });
    });
    return id;
}

void Shards::Impl::on_refused(TorrentId id, const Error& error) {
    ShardMap::Record* record = map_.find(id);
    if (record == nullptr) return;
    record->status.state = TorrentState::failed;
    record->status.error = error;
    events_.on_error(id, error);
}

void Shards::Impl::remove(TorrentId id) {
    if (const auto shard = map_.remove(id))
        shards_[*shard]->post([id](Session& session) { session.remove(id); });
}

void Shards::Impl::on_event(ShardEvent event) {
    ShardMap::Record* record = map_.find(event.id);
    if (record == nullptr) return;
    if (event.metainfo) map_.learn(event.id, event.metainfo->info.hash);
    record->status = std::move(event.status);
    record->metainfo = std::move(event.metainfo);
    event.tell(events_);
    if (ShardMap::Record* still = map_.find(event.id)) still->metainfo.reset();
}

template <class Work>
void Shards::Impl::ask(TorrentId id, Session::Done done, Work work) {
    Session::Done here = [&shard = shard_of(id), done = std::move(done)](Result<void> result) mutable {
        shard.answer(
            [done = std::move(done), result = std::move(result)]() mutable { done(std::move(result)); });
    };
    shard_of(id).post([id, here = std::move(here), work = std::move(work)](Session& session) mutable {
        if (session.has(id)) return work(session, std::move(here));
        here(fail(
            Error::invalid("change", "torrent", "it is not there any more", std::errc::operation_canceled)));
    });
}

// --- all of them

void Shards::Impl::set_limits(const RateLimits& limits) {
    ledgers_.down.set_rate(limits.down, world_.reactor.now());
    ledgers_.up.set_rate(limits.up, world_.reactor.now());
    for (std::size_t i = 0; i < ports_.size(); ++i)
        shards_[i]->post([limits](Session& session) { session.set_limits(limits); });
}

void Shards::Impl::look(io::Callback done) {
    on_looked_.push_back(std::move(done));
    if (looking_ > 0) return;
    SPATE_ASSERT(!ports_.empty());
    looking_ = ports_.size();
    for (std::size_t i = 0; i < ports_.size(); ++i)
        shards_[i]->post([this, i](Session& session) {
            std::vector<std::pair<TorrentId, TorrentStatus>> all;
            for (const TorrentId id : session.torrents()) all.emplace_back(id, session.status(id));
            shards_[i]->answer([this, i, all = std::move(all), load = session.load()]() mutable {
                loads_[i] = load;
                for (auto& [id, status] : all)
                    if (ShardMap::Record* record = map_.find(id)) record->status = std::move(status);
                if (--looking_ > 0) return;
                for (const auto alive = alive_; auto& looked : std::exchange(on_looked_, {}))
                    if (*alive) looked();
            });
        });
}

void Shards::Impl::stop(io::Callback done) {
    stopping_ = ports_.size();
    const auto shared = std::make_shared<io::Callback>(std::move(done));
    for (std::size_t i = 0; i < ports_.size(); ++i)
        shards_[i]->post([this, i, shared](Session& session) {
            session.stop([this, i, shared] {
                shards_[i]->answer([this, shared] {
                    if (--stopping_ == 0) (*shared)();
                });
            });
        });
}

Shards::Shards(const io::World& world, const std::vector<io::World>& shards, const SessionOptions& options,
               SessionEvents& events, Log& log)
    : impl_(std::make_unique<Impl>(world, shards, options, events, log)) {}
Shards::~Shards() = default;

void Shards::start(Started done) {
    impl_->start(std::move(done));
}
Result<TorrentId> Shards::add(AddTorrent torrent) {
    return impl_->add(std::move(torrent));
}
void Shards::remove(TorrentId id) {
    impl_->remove(id);
}
void Shards::add_peer(TorrentId id, const Endpoint& peer) {
    impl_->post(id, [id, peer](Session& session) { session.add_peer(id, peer); });
}
void Shards::announce_now(TorrentId id) {
    impl_->post(id, [id](Session& session) { session.announce_now(id); });
}
void Shards::set_limits(const RateLimits& limits) {
    impl_->set_limits(limits);
}
void Shards::set_peer_limits(TorrentId id, const RateLimits& limits) {
    impl_->post(id, [id, limits](Session& session) { session.set_peer_limits(id, limits); });
}
void Shards::set_deadline(TorrentId id, metainfo::PieceIndex piece, TimePoint deadline) {
    impl_->post(id, [id, piece, deadline](Session& session) { session.set_deadline(id, piece, deadline); });
}
void Shards::move_to(TorrentId id, std::string folder, Session::Done done) {
    impl_->ask(id, std::move(done),
               [id, folder = std::move(folder)](Session& session, Session::Done here) mutable {
                   session.move_to(id, std::move(folder), std::move(here));
               });
}
void Shards::rename_file(TorrentId id, metainfo::FileIndex file, std::string path, Session::Done done) {
    impl_->ask(id, std::move(done),
               [id, file, path = std::move(path)](Session& session, Session::Done here) mutable {
                   session.rename_file(id, file, std::move(path), std::move(here));
               });
}
std::vector<TorrentId> Shards::torrents() const {
    std::vector<TorrentId> ids;
    for (const auto& [id, record] : impl_->map().records()) ids.push_back(id);
    return ids;
}
const TorrentStatus& Shards::status(TorrentId id) const {
    return impl_->map().at(id).status;
}
std::shared_ptr<const metainfo::Metainfo> Shards::metainfo_of(TorrentId id) const {
    return impl_->map().at(id).metainfo;
}
std::uint16_t Shards::port_of(TorrentId id) const {
    return impl_->ports()[impl_->map().at(id).shard];
}
void Shards::look(io::Callback done) {
    impl_->look(std::move(done));
}
const std::vector<SessionLoad>& Shards::load() const {
    return impl_->loads();
}
void Shards::stop(io::Callback done) {
    impl_->stop(std::move(done));
}

}  // namespace spate::engine
