#include "engine/session.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/assert.h"
#include "engine/inbound.h"
#include "engine/session_torrent.h"

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
      classic(its_world),
      announces(its_world.reactor) {}

class Session::Impl final : private InboundOwner {
  public:
    Impl(io::World& world, SessionOptions options, SessionEvents& events, Log& log);
    ~Impl() override;

    Result<std::uint16_t> start();
    Result<TorrentId> add(AddTorrent torrent);
    void remove(TorrentId id);
    void stop(std::move_only_function<void()> done);
    void set_limits(const RateLimits& limits);
    SessionLoad load();

    SessionShare share;
    std::map<TorrentId, std::unique_ptr<SessionTorrent>> torrents;

  private:
    static constexpr Duration tick = std::chrono::seconds(1);

    void on_tick();
    void on_rate();
    // `what` may add and remove torrents.
    template <class What>
    void each_awake(const What& what);
    void open_resume();
    void on_resume_open(Result<void> opened);
    bool is_leaving(const metainfo::InfoHash& hash) const;
    void on_left(TorrentId id);
    void on_all_stopped();

    std::optional<wire::Handshake> on_arrival(const Endpoint& from, const hash::Sha1& swarm,
                                              const wire::Reserved& reserved) override;
    void on_peer(std::unique_ptr<io::Stream> stream, const wire::Handshake& theirs) override;
    void on_classic(std::unique_ptr<io::Stream> stream, Bytes begin) override;
    SessionTorrent* find(const hash::Sha1& swarm);

    Inbound inbound_;
    std::map<hash::Sha1, TorrentId> by_swarm_;
    std::map<TorrentId, std::unique_ptr<SessionTorrent>> leaving_;  // their trackers are being told
    std::vector<TorrentId> postponed_;                              // added again while they still leave
    std::uint32_t next_id_ = 1;
    std::size_t stopping_ = 0;  // still to be waited for
    std::move_only_function<void()> on_stopped_;
    std::unique_ptr<io::Timer> tick_timer_;
    std::unique_ptr<io::Timer> stop_timer_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

Session::Impl::Impl(io::World& world, SessionOptions options, SessionEvents& events, Log& log)
    : share(world, options, events, log),
      inbound_(world, *this),
      tick_timer_(world.reactor.make_timer([this] { on_tick(); })),
      stop_timer_(world.reactor.make_timer([this] { on_all_stopped(); })) {
    share.rate_timer = world.reactor.make_timer([this] { on_rate(); });
    share.store_resources.budget().set_on_space([this] { on_rate(); });
    share.loader =
        std::make_unique<TorrentLoader>(world, share.store_resources, log, [this](LoadedTorrent loaded) {
            if (const auto it = torrents.find(loaded.id); it != torrents.end())
                it->second->on_loaded(std::move(loaded));
        });
    if (share.options.state_folder.empty())
        share.loader->open(nullptr);
    else
        open_resume();
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
    share.resume->open(share.options.state_folder, [this, alive = alive_](Result<void> opened) {
        if (*alive) on_resume_open(std::move(opened));
    });
}

// Without a resume database everything still works, but for what a restart has to hash again.
void Session::Impl::on_resume_open(Result<void> opened) {
    if (opened) {
        share.checkpoints = std::make_unique<piece_store::Checkpoints>(share.world, *share.resume, share.log);
    } else {
        share.log.warning("no resume state is kept: " + opened.error().message());
        share.resume.reset();
    }
    share.loader->open(share.resume.get());
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
    auto torrent = std::make_unique<SessionTorrent>(share, id, std::move(what));
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
    SessionTorrent& added = *(torrents[id] = std::move(torrent));
    if (is_leaving(hash))
        postponed_.push_back(id);
    else
        added.start();
    return id;
}

// Two that write to the same files, or to the same row, must not be.
bool Session::Impl::is_leaving(const metainfo::InfoHash& hash) const {
    const auto same = [&](const metainfo::InfoHash& other) {
        return (hash.v1 && hash.v1 == other.v1) || (hash.v2 && hash.v2 == other.v2);
    };
    return std::ranges::any_of(
        leaving_, [&](const auto& one) { return one.second->holds_files() && same(one.second->hash()); });
}

void Session::Impl::remove(TorrentId id) {
    const auto it = torrents.find(id);
    if (it == torrents.end()) return;
    std::erase_if(by_swarm_, [&](const auto& one) { return one.second == id; });
    std::erase(postponed_, id);
    SessionTorrent& leaving = *(leaving_[id] = std::move(it->second));
    torrents.erase(it);
    const auto at_rest = [this, alive = alive_] {
        if (!*alive) return;
        for (const TorrentId waiting : std::exchange(postponed_, {})) {
            if (is_leaving(torrents.at(waiting)->hash()))
                postponed_.push_back(waiting);
            else
                torrents.at(waiting)->start();
        }
    };
    leaving.stop(stop_time, at_rest, [this, id, alive = alive_] {
        if (!*alive) return;
        share.world.reactor.post([this, id, alive] {
            if (*alive) on_left(id);
        });
    });
}

void Session::Impl::on_left(TorrentId id) {
    leaving_.erase(id);
    if (on_stopped_ && --stopping_ == 0) on_all_stopped();
}

template <class What>
void Session::Impl::each_awake(const What& what) {
    const std::vector<TorrentId> awake(share.awake.begin(), share.awake.end());
    for (const TorrentId id : awake)
        if (const auto it = torrents.find(id); it != torrents.end()) what(*it->second);
}

void Session::Impl::on_tick() {
    const TimePoint now = share.now();
    tick_timer_->arm(now + tick);
    inbound_.on_tick(now);
    each_awake([&](SessionTorrent& torrent) { torrent.on_tick(now); });
}

void Session::Impl::on_rate() {
    const TimePoint now = share.now();
    each_awake([&](SessionTorrent& torrent) { torrent.on_rate(now); });
}

SessionTorrent* Session::Impl::find(const hash::Sha1& swarm) {
    const auto it = by_swarm_.find(swarm);
    return it == by_swarm_.end() ? nullptr : torrents.at(it->second).get();
}

std::optional<wire::Handshake> Session::Impl::on_arrival(const Endpoint& from, const hash::Sha1& swarm,
                                                         const wire::Reserved& reserved) {
    const SessionTorrent* torrent = find(swarm);
    return torrent == nullptr ? std::nullopt : torrent->answer(from, swarm, reserved);
}

void Session::Impl::on_peer(std::unique_ptr<io::Stream> stream, const wire::Handshake& theirs) {
    if (SessionTorrent* torrent = find(theirs.swarm)) torrent->adopt(std::move(stream), theirs);
}

void Session::Impl::on_classic(std::unique_ptr<io::Stream> stream, Bytes begin) {
    share.classic.adopt(std::move(stream), begin);
}

void Session::Impl::set_limits(const RateLimits& limits) {
    share.options.limits = limits;
    share.down.set_rate(limits.down, share.now());
    share.up.set_rate(limits.up, share.now());
}

// However slow trackers and disk are, it does not take longer than stop_time.
void Session::Impl::stop(std::move_only_function<void()> done) {
    on_stopped_ = std::move(done);
    inbound_.close();
    tick_timer_->disarm();
    stop_timer_->arm(share.now() + stop_time);
    stopping_ = torrents.size() + leaving_.size() + 1;
    const auto one_stopped = [this, alive = alive_] {
        if (*alive && --stopping_ == 0) on_all_stopped();
    };
    for (auto& [id, torrent] : torrents) torrent->stop(stop_time, [] {}, one_stopped);
    share.world.reactor.post(one_stopped);
}

void Session::Impl::on_all_stopped() {
    if (!on_stopped_) return;
    stop_timer_->disarm();
    share.world.reactor.post([done = std::move(on_stopped_)]() mutable { done(); });
}

SessionLoad Session::Impl::load() {
    SessionLoad load;
    load.connected = share.connected;
    load.half_open = share.half_open;
    load.awake = static_cast<std::uint32_t>(share.awake.size());
    load.announcing = static_cast<std::uint32_t>(share.announces.in_flight());
    load.write_buffers = share.store_resources.budget().used();
    for (const TorrentId id : share.awake)
        if (const auto it = torrents.find(id); it != torrents.end())
            load.largest_output = std::max<std::uint64_t>(load.largest_output, it->second->largest_output());
    return load;
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
    impl_->torrents.at(id)->add_peer(peer);
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
void Session::set_peer_limits(TorrentId id, const RateLimits& limits) {
    impl_->torrents.at(id)->set_peer_limits(limits);
}
void Session::set_deadline(TorrentId id, metainfo::PieceIndex piece, TimePoint deadline) {
    impl_->torrents.at(id)->set_deadline(piece, deadline);
}
void Session::move_to(TorrentId id, std::string folder, Done done) {
    impl_->torrents.at(id)->move_to(std::move(folder), std::move(done));
}
void Session::rename_file(TorrentId id, metainfo::FileIndex file, std::string path, Done done) {
    impl_->torrents.at(id)->rename_file(file, std::move(path), std::move(done));
}
SessionLoad Session::load() const {
    return impl_->load();
}
void Session::stop(std::move_only_function<void()> done) {
    impl_->stop(std::move(done));
}

}  // namespace spate::engine
