#include "engine/session.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/assert.h"
#include "engine/inbound.h"
#include "engine/torrent.h"

namespace spate::engine {

SessionShare::SessionShare(io::World& its_world, const SessionOptions& its_options, SessionEvents& its_events,
                           Log& its_log)
    : world(its_world),
      options(its_options),
      events(its_events),
      log(its_log),
      rng(its_world.random.next_u64()),
      turn(its_world.reactor),
      connections{its_world.reactor, turn},
      down(its_options.limits.down),
      up(its_options.limits.up),
      store_resources(its_world, {.write_bytes = its_options.write_budget}),
      classic(its_world) {}

class Session::Impl final : private InboundOwner {
  public:
    Impl(io::World& world, SessionOptions options, SessionEvents& events, Log& log);
    ~Impl() override;

    Result<std::uint16_t> start();
    Result<TorrentId> add(AddTorrent torrent);
    void remove(TorrentId id);
    void stop(std::move_only_function<void()> done);
    void set_limits(const RateLimits& limits);

    SessionShare share;
    std::map<TorrentId, std::unique_ptr<Torrent>> torrents;

  private:
    static constexpr Duration tick = std::chrono::seconds(1);

    void on_tick();
    void on_rate();
    void open_resume();
    void on_resume_open(Result<void> opened);
    void begin(TorrentId id);
    void on_stopped(std::size_t of);

    std::optional<wire::Handshake> on_arrival(const Endpoint& from, const hash::Sha1& swarm,
                                              const wire::Reserved& reserved) override;
    void on_peer(std::unique_ptr<io::Stream> stream, const wire::Handshake& theirs) override;
    void on_classic(std::unique_ptr<io::Stream> stream, Bytes begin) override;
    Torrent* find(const hash::Sha1& swarm);

    Inbound inbound_;
    std::map<hash::Sha1, TorrentId> by_swarm_;
    std::map<TorrentId, std::unique_ptr<Torrent>> leaving_;  // their trackers are being told
    std::vector<TorrentId> waiting_;                         // until the resume database is open
    bool resume_opening_ = false;
    std::uint32_t next_id_ = 1;
    std::size_t stopping_ = 0;
    std::move_only_function<void()> on_stopped_;
    std::unique_ptr<io::Timer> tick_timer_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

Session::Impl::Impl(io::World& world, SessionOptions options, SessionEvents& events, Log& log)
    : share(world, options, events, log),
      inbound_(world, *this),
      tick_timer_(world.reactor.make_timer([this] { on_tick(); })) {
    share.rate_timer = world.reactor.make_timer([this] { on_rate(); });
    share.store_resources.budget().set_on_space([this] {
        for (auto& [id, torrent] : torrents) torrent->on_rate(share.now());
    });
    if (!share.options.state_folder.empty()) open_resume();
    tick_timer_->arm(share.now() + tick);
}

Session::Impl::~Impl() {
    *alive_ = false;
    inbound_.close();
    leaving_.clear();
    torrents.clear();
}

void Session::Impl::open_resume() {
    share.resume = std::make_unique<piece_store::ResumeDatabase>(share.world);
    resume_opening_ = true;
    share.resume->open(share.options.state_folder, [this, alive = alive_](Result<void> opened) {
        if (*alive) on_resume_open(std::move(opened));
    });
}

// Without a resume database everything still works, but for what a restart has to hash again.
void Session::Impl::on_resume_open(Result<void> opened) {
    resume_opening_ = false;
    if (opened) {
        share.checkpoints = std::make_unique<piece_store::Checkpoints>(share.world, *share.resume, share.log);
    } else {
        share.log.warning("no resume state is kept: " + opened.error().message());
        share.resume.reset();
    }
    for (const TorrentId id : std::exchange(waiting_, {})) begin(id);
}

Result<std::uint16_t> Session::Impl::start() {
    auto port = inbound_.listen(share.options.bind, share.options.port_first, share.options.port_last);
    if (port) return share.port = *port;
    if (share.options.must_listen) return fail(std::move(port.error()));
    share.log.warning("nobody can connect to us: " + port.error().message());
    return std::uint16_t{0};
}

Result<TorrentId> Session::Impl::add(AddTorrent what) {
    if (torrents.size() >= torrents_max)
        return fail(Error::invalid("add torrent", "", "too many torrents", std::errc::no_buffer_space));
    const TorrentId id(next_id_);
    auto torrent = std::make_unique<Torrent>(share, id, std::move(what));
    const metainfo::InfoHash& hash = torrent->hash();
    std::vector<hash::Sha1> swarms;
    if (hash.v1) swarms.push_back(*hash.v1);
    if (hash.v2) swarms.push_back(metainfo::truncated(*hash.v2));
    for (const hash::Sha1& swarm : swarms)
        if (by_swarm_.contains(swarm))
            return fail(Error::invalid("add torrent", torrent->status().name, "it is there already",
                                       std::errc::file_exists));
    for (const hash::Sha1& swarm : swarms) by_swarm_[swarm] = id;
    ++next_id_;
    torrents[id] = std::move(torrent);
    if (resume_opening_)
        waiting_.push_back(id);
    else
        share.world.reactor.post([this, id, alive = alive_] {
            if (*alive) begin(id);
        });
    return id;
}

void Session::Impl::begin(TorrentId id) {
    const auto it = torrents.find(id);
    if (it == torrents.end()) return;
    if (!share.resume) return it->second->start(std::nullopt);
    share.resume->find(piece_store::resume_key(it->second->hash()),
                       [this, id, alive = alive_](Result<std::optional<piece_store::ResumeRow>> row) {
                           if (!*alive || !torrents.contains(id)) return;
                           torrents[id]->start(row ? std::move(*row) : std::nullopt);
                       });
}

void Session::Impl::remove(TorrentId id) {
    const auto it = torrents.find(id);
    if (it == torrents.end()) return;
    std::erase_if(by_swarm_, [&](const auto& one) { return one.second == id; });
    Torrent& leaving = *(leaving_[id] = std::move(it->second));
    torrents.erase(it);
    leaving.stop(stop_time, [this, id, alive = alive_] {
        if (!*alive) return;
        share.world.reactor.post([this, id, alive] {
            if (*alive) leaving_.erase(id);
        });
    });
}

void Session::Impl::on_tick() {
    const TimePoint now = share.now();
    inbound_.on_tick(now);
    for (auto& [id, torrent] : torrents) torrent->on_tick(now);
    tick_timer_->arm(now + tick);
}

void Session::Impl::on_rate() {
    const TimePoint now = share.now();
    for (auto& [id, torrent] : torrents) torrent->on_rate(now);
}

Torrent* Session::Impl::find(const hash::Sha1& swarm) {
    const auto it = by_swarm_.find(swarm);
    return it == by_swarm_.end() ? nullptr : torrents.at(it->second).get();
}

std::optional<wire::Handshake> Session::Impl::on_arrival(const Endpoint& from, const hash::Sha1& swarm,
                                                         const wire::Reserved& reserved) {
    const Torrent* torrent = find(swarm);
    return torrent == nullptr ? std::nullopt : torrent->answer(from, swarm, reserved);
}

void Session::Impl::on_peer(std::unique_ptr<io::Stream> stream, const wire::Handshake& theirs) {
    if (Torrent* torrent = find(theirs.swarm)) torrent->adopt(std::move(stream), theirs, Direction::incoming);
}

void Session::Impl::on_classic(std::unique_ptr<io::Stream> stream, Bytes begin) {
    share.classic.adopt(std::move(stream), begin);
}

void Session::Impl::set_limits(const RateLimits& limits) {
    share.options.limits = limits;
    share.down.set_rate(limits.down, share.now());
    share.up.set_rate(limits.up, share.now());
}

void Session::Impl::stop(std::move_only_function<void()> done) {
    on_stopped_ = std::move(done);
    inbound_.close();
    stopping_ = torrents.size() + 1;
    for (auto& [id, torrent] : torrents)
        torrent->stop(stop_time, [this, alive = alive_] {
            if (*alive) on_stopped(1);
        });
    if (!share.checkpoints) return on_stopped(1);
    share.checkpoints->flush([this, alive = alive_](Result<void> saved) {
        if (!*alive) return;
        if (!saved) share.log.error(saved.error().message());
        on_stopped(1);
    });
}

void Session::Impl::on_stopped(std::size_t of) {
    stopping_ -= of;
    if (stopping_ > 0) return;
    share.world.reactor.post([done = std::move(on_stopped_)]() mutable { done(); });
}

Session::Session(io::World& world, SessionOptions options, SessionEvents& events, Log& log)
    : impl_(std::make_unique<Impl>(world, std::move(options), events, log)) {}
Session::~Session() = default;

Result<std::uint16_t> Session::start() {
    return impl_->start();
}
std::uint16_t Session::port() const {
    return impl_->share.port;
}
Result<TorrentId> Session::add(AddTorrent torrent) {
    return impl_->add(std::move(torrent));
}
void Session::remove(TorrentId id) {
    impl_->remove(id);
}
void Session::add_peer(TorrentId id, const Endpoint& peer) {
    impl_->torrents.at(id)->add_peer(peer, swarm::PeerSource::user);
}
std::vector<TorrentId> Session::torrents() const {
    std::vector<TorrentId> ids;
    for (const auto& [id, torrent] : impl_->torrents) ids.push_back(id);
    return ids;
}
TorrentStatus Session::status(TorrentId id) const {
    return impl_->torrents.at(id)->status();
}
const metainfo::Metainfo* Session::metainfo_of(TorrentId id) const {
    return impl_->torrents.at(id)->metainfo();
}
void Session::set_limits(const RateLimits& limits) {
    impl_->set_limits(limits);
}
SessionLoad Session::load() const {
    SessionLoad load{impl_->share.connected, impl_->share.half_open,
                     impl_->share.store_resources.budget().used(), 0};
    for (const auto& [id, torrent] : impl_->torrents)
        load.largest_output = std::max<std::uint64_t>(load.largest_output, torrent->largest_output());
    return load;
}
void Session::stop(std::move_only_function<void()> done) {
    impl_->stop(std::move(done));
}

}  // namespace spate::engine
