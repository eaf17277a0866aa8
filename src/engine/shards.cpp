#include "engine/shards.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "engine/shard.h"
#include "piece_store/resume_database.h"

namespace spate::engine {
namespace {

unsigned shards_for(std::size_t worlds, const SessionOptions& options) {
    SPATE_ASSERT(worlds > 0 && worlds <= Shards::shards_max);
    return std::min({static_cast<unsigned>(worlds), options.connections_max, options.half_open_max});
}

}  // namespace

class Shards::Impl final : private ShardOwner {
  public:
    struct Record {
        std::size_t shard = 0;
        TorrentStatus status{};
        std::shared_ptr<const metainfo::Metainfo> metainfo{};  // while its event is told
    };

    Impl(const io::World& world, const std::vector<io::World>& worlds, const SessionOptions& options,
         SessionEvents& events, Log& log);
    ~Impl() override { *alive_ = false; }

    void start(Started done);
    Result<TorrentId> add(AddTorrent torrent);
    void remove(TorrentId id);
    void set_limits(const RateLimits& limits);
    void look(io::Callback done);
    void stop(io::Callback done);
    Shard& shard_of(TorrentId id) { return *shards_[records.at(id).shard]; }
    // Work with it where it lives, if it still does by then.
    template <class Work>
    void post(TorrentId id, Work work) {
        shard_of(id).post([id, work = std::move(work)](Session& session) mutable {
            if (session.has(id)) work(session);
        });
    }
    // `done` is called on our thread.
    Session::Done here(TorrentId id, Session::Done done);

    std::map<TorrentId, Record> records;
    std::vector<std::uint16_t> ports;  // of the shards that are used
    std::vector<SessionLoad> loads;

  private:
    void start_shard();
    void on_port(Result<std::uint16_t> port);
    void use_fewer(bool last_began);
    void started(Result<void> all);
    std::size_t emptiest(const metainfo::InfoHash& hash) const;
    std::optional<unsigned> choose(const metainfo::InfoHash& hash);
    void on_refused(TorrentId id, const Error& error);
    void on_event(ShardEvent event) override;
    void on_log(LogLevel level, const std::string& text) override { log_.write(level, text); }

    io::World world_;
    SessionOptions options_;
    SessionEvents& events_;
    Log& log_;
    SessionLedgers ledgers_;
    std::unique_ptr<piece_store::ResumeDatabase> resume_;  // of several shards
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    std::vector<std::unique_ptr<Shard>> shards_;
    std::vector<std::size_t> torrents_;  // of each shard
    std::map<hash::Sha1, TorrentId> by_swarm_;
    std::uint32_t next_id_ = 1;
    Started on_started_;
    std::vector<io::Callback> on_looked_;
    std::size_t looking_ = 0;  // shards whose answer is still to come
    std::size_t stopping_ = 0;
};

Shards::Impl::Impl(const io::World& world, const std::vector<io::World>& worlds,
                   const SessionOptions& options, SessionEvents& events, Log& log)
    : world_(world),
      options_(options),
      events_(events),
      log_(log),
      ledgers_(options, shards_for(worlds.size(), options)) {
    ShardOwner& self = *this;
    for (unsigned i = 0; i < ledgers_.sessions; ++i)
        shards_.push_back(std::make_unique<Shard>(worlds[i], world_, self, alive_));
}

// --- start

// Several shards share a database of our own thread; one has its own.
void Shards::Impl::start(Started done) {
    on_started_ = std::move(done);
    if (shards_.size() == 1 || options_.state_folder.empty()) return start_shard();
    resume_ = std::make_unique<piece_store::ResumeDatabase>(world_);
    resume_->open(options_.state_folder, [this](Result<void> opened) {
        options_.state_folder.clear();
        if (!opened) {
            log_.warning("no resume state is kept: " + opened.error().message());
            resume_.reset();
        }
        start_shard();
    });
}

// One after another, so that each takes the first port that is free.
void Shards::Impl::start_shard() {
    SessionOptions options = options_;
    if (!ports.empty() && options.port_last != 0) {
        if (ports.back() >= options.port_last) return use_fewer(false);
        options.port_first = static_cast<std::uint16_t>(ports.back() + 1);
    }
    options.must_listen = options.must_listen || !ports.empty();
    const SessionSeat seat{ledgers_, static_cast<unsigned>(ports.size()), resume_.get()};
    shards_[ports.size()]->start(options, seat,
                                 [this](Result<std::uint16_t> port) { on_port(std::move(port)); });
}

void Shards::Impl::on_port(Result<std::uint16_t> port) {
    if (!port && ports.empty()) return started(fail(std::move(port.error())));
    if (!port) return use_fewer(true);
    ports.push_back(*port);
    if (ports.size() == shards_.size()) return started({});
    *port == 0 ? use_fewer(false) : start_shard();
}

// last_began: the session of the next one is there, but does not listen.
void Shards::Impl::use_fewer(bool last_began) {
    const std::string range =
        "ports " + std::to_string(options_.port_first) + " to " + std::to_string(options_.port_last);
    log_.warning("only " + std::to_string(ports.back() == 0 ? 0 : ports.size()) + " of the " + range +
                 " are free: " + std::to_string(ports.size()) + " of " + std::to_string(shards_.size()) +
                 " shards are used");
    if (last_began) shards_[ports.size()]->end();
    for (std::size_t i = ports.size() + (last_began ? 1 : 0); i < shards_.size(); ++i)
        ledgers_.leave_empty(static_cast<unsigned>(i));
    started({});
}

void Shards::Impl::started(Result<void> all) {
    torrents_.resize(ports.size());
    loads.resize(ports.size());
    auto done = std::move(on_started_);
    if (all)
        done(ports);
    else
        done(fail(std::move(all.error())));
}

// --- torrents

std::size_t Shards::Impl::emptiest(const metainfo::InfoHash& hash) const {
    const std::size_t first = swarms_of(hash).front()[0] % torrents_.size();
    std::size_t found = first;
    for (std::size_t i = 0; i < torrents_.size(); ++i) {
        const std::size_t shard = (first + i) % torrents_.size();
        if (torrents_[shard] < torrents_[found]) found = shard;
    }
    return found;
}

// Nothing: it is there already.
std::optional<unsigned> Shards::Impl::choose(const metainfo::InfoHash& hash) {
    for (const auto& swarm : swarms_of(hash))
        if (by_swarm_.contains(swarm)) return std::nullopt;
    if (shards_.size() == 1) return 0;
    // One that was removed may still write to its files.
    return ledgers_.swarms.claim(hash, static_cast<unsigned>(emptiest(hash)));
}

Result<TorrentId> Shards::Impl::add(AddTorrent what) {
    SPATE_ASSERT(!torrents_.empty());
    const metainfo::InfoHash hash = hash_of(what);
    if (records.size() >= Session::torrents_max)
        return fail(Error::invalid("add torrent", "", "too many torrents", std::errc::no_buffer_space));
    const auto shard = choose(hash);
    if (!shard)
        return fail(
            Error::invalid("add torrent", name_of(what), "it is there already", std::errc::file_exists));
    const TorrentId id(next_id_++);
    for (const auto& swarm : swarms_of(hash)) by_swarm_[swarm] = id;
    Record& record = records[id];
    record.shard = *shard;
    record.status.name = name_of(what);
    ++torrents_[*shard];
    Shard& home = *shards_[*shard];
    home.post([this, &home, id, hash, what = std::move(what)](Session& session) mutable {
        auto added = session.add(std::move(what), id);
        if (added) return;
        if (shards_.size() > 1) ledgers_.swarms.release(hash);
        home.answer([this, id, error = std::move(added.error())] { on_refused(id, error); });
    });
    return id;
}

void Shards::Impl::on_refused(TorrentId id, const Error& error) {
    const auto record = records.find(id);
    if (record == records.end()) return;
    record->second.status.state = TorrentState::failed;
    record->second.status.error = error;
    events_.on_error(id, error);
}

void Shards::Impl::remove(TorrentId id) {
    const auto record = records.find(id);
    if (record == records.end()) return;
    shard_of(id).post([id](Session& session) { session.remove(id); });
    --torrents_[record->second.shard];
    records.erase(record);
    std::erase_if(by_swarm_, [&](const auto& one) { return one.second == id; });
}

void Shards::Impl::on_event(ShardEvent event) {
    const auto record = records.find(event.id);
    if (record == records.end()) return;
    if (event.metainfo)
        for (const auto& swarm : swarms_of(event.metainfo->info.hash)) by_swarm_.try_emplace(swarm, event.id);
    record->second.status = std::move(event.status);
    record->second.metainfo = std::move(event.metainfo);
    event.tell(events_);
    if (const auto still = records.find(event.id); still != records.end()) still->second.metainfo.reset();
}

Session::Done Shards::Impl::here(TorrentId id, Session::Done done) {
    return [&shard = shard_of(id), done = std::move(done)](Result<void> result) mutable {
        shard.answer(
            [done = std::move(done), result = std::move(result)]() mutable { done(std::move(result)); });
    };
}

// --- all of them

void Shards::Impl::set_limits(const RateLimits& limits) {
    ledgers_.down.set_rate(limits.down, world_.reactor.now());
    ledgers_.up.set_rate(limits.up, world_.reactor.now());
    for (std::size_t i = 0; i < ports.size(); ++i)
        shards_[i]->post([limits](Session& session) { session.set_limits(limits); });
}

void Shards::Impl::look(io::Callback done) {
    on_looked_.push_back(std::move(done));
    if (looking_ > 0) return;
    SPATE_ASSERT(!ports.empty());
    looking_ = ports.size();
    for (std::size_t i = 0; i < ports.size(); ++i)
        shards_[i]->post([this, i](Session& session) {
            std::vector<std::pair<TorrentId, TorrentStatus>> all;
            for (const TorrentId id : session.torrents()) all.emplace_back(id, session.status(id));
            shards_[i]->answer([this, i, all = std::move(all), load = session.load()]() mutable {
                loads[i] = load;
                for (auto& [id, status] : all)
                    if (const auto record = records.find(id); record != records.end())
                        record->second.status = std::move(status);
                if (--looking_ > 0) return;
                for (const auto alive = alive_; auto& looked : std::exchange(on_looked_, {}))
                    if (*alive) looked();
            });
        });
}

void Shards::Impl::stop(io::Callback done) {
    stopping_ = ports.size();
    const auto shared = std::make_shared<io::Callback>(std::move(done));
    for (std::size_t i = 0; i < ports.size(); ++i)
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
    impl_->post(id,
                [id, folder = std::move(folder), here = impl_->here(id, std::move(done))](
                    Session& session) mutable { session.move_to(id, std::move(folder), std::move(here)); });
}
void Shards::rename_file(TorrentId id, metainfo::FileIndex file, std::string path, Session::Done done) {
    impl_->post(id, [id, file, path = std::move(path),
                     here = impl_->here(id, std::move(done))](Session& session) mutable {
        session.rename_file(id, file, std::move(path), std::move(here));
    });
}
std::vector<TorrentId> Shards::torrents() const {
    std::vector<TorrentId> ids;
    for (const auto& [id, record] : impl_->records) ids.push_back(id);
    return ids;
}
const TorrentStatus& Shards::status(TorrentId id) const {
    return impl_->records.at(id).status;
}
std::shared_ptr<const metainfo::Metainfo> Shards::metainfo_of(TorrentId id) const {
    return impl_->records.at(id).metainfo;
}
std::uint16_t Shards::port_of(TorrentId id) const {
    return impl_->ports[impl_->records.at(id).shard];
}
void Shards::look(io::Callback done) {
    impl_->look(std::move(done));
}
const std::vector<SessionLoad>& Shards::load() const {
    return impl_->loads;
}
void Shards::stop(io::Callback done) {
    impl_->stop(std::move(done));
}

}  // namespace spate::engine
