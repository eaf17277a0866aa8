#include "engine/session.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/assert.h"
#include "engine/inbound.h"
#include "engine/leaving_torrents.h"
#include "engine/session_torrent.h"
#include "engine/swarm_index.h"
#include "piece_store/window_cache.h"

namespace spate::engine {

class Session::Impl final : private InboundOwner {
  public:
    Impl(io::World& world, const SessionOptions& options, SessionEvents& events, Log& log,
         const SessionSeat* seat);
    ~Impl() override;

    Result<std::uint16_t> start();
    Result<TorrentId> add(AddTorrent torrent, TorrentId id);
    void remove(TorrentId id);
    void stop(std::move_only_function<void()> done);
    void set_limits(const RateLimits& limits);
    SessionLoad load();

    TorrentId free_id() const { return TorrentId(next_id_); }

    const std::unique_ptr<SessionLedgers> own_ledgers;  // of one that is alone
    SessionShare share;
    std::map<TorrentId, std::unique_ptr<SessionTorrent>> torrents;

  private:
    static constexpr Duration tick = std::chrono::seconds(1);

    void on_tick();
    void on_rate();
    // `what` may add and remove torrents.
    template <class What>
    void each_awake(const What& what);
    using ResumeOpened = Result<piece_store::ResumeDatabase::Opened>;
    void on_resume_open(const ResumeOpened& opened);
    void on_left(TorrentId id);
    void on_all_stopped();

    std::optional<wire::Handshake> on_arrival(const Endpoint& from, const hash::Sha1& swarm,
                                              const wire::Reserved& reserved) override;
    void on_peer(std::unique_ptr<io::Stream> stream, const wire::Handshake& theirs) override;
    void on_classic(std::unique_ptr<io::Stream> stream, Bytes begin) override {
        share.classic.adopt(std::move(stream), begin);
    }

    Inbound inbound_;
    SwarmIndex swarms_;
    LeavingTorrents leaving_;
    std::uint32_t next_id_ = 1;
    std::size_t stopping_ = 0;  // still to be waited for
    std::move_only_function<void()> on_stopped_;
    std::unique_ptr<io::Timer> tick_timer_;
    std::unique_ptr<io::Timer> stop_timer_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

Session::Impl::Impl(io::World& world, const SessionOptions& options, SessionEvents& events, Log& log,
                    const SessionSeat* seat)
    : own_ledgers(seat == nullptr ? std::make_unique<SessionLedgers>(options, 1) : nullptr),
      share(world, options, events, log, seat == nullptr ? SessionSeat{*own_ledgers} : *seat),
      inbound_(world, *this, share.seat.ledgers.arrivals, share.seat.ledgers.arriving_sources),
      swarms_(share.seat),
      tick_timer_(world.reactor.make_timer([this] { on_tick(); })),
      stop_timer_(world.reactor.make_timer([this] { on_all_stopped(); })) {
    share.rate_timer = world.reactor.make_timer([this] { on_rate(); });
    share.store_resources.budget().set_on_space([this] { on_rate(); });
    share.add_occupants = [this](Occupants& occupants) {
        each_awake([&](const SessionTorrent& torrent) { torrent.add_occupants(occupants); });
    };
    share.claim = [this](TorrentId id, const metainfo::InfoHash& hash) {
        return swarms_.learn(id, torrents.at(id)->hash(), hash);
    };
    share.loader =
        std::make_unique<TorrentLoader>(world, share.store_resources, log, [this](LoadedTorrent loaded) {
            if (const auto it = torrents.find(loaded.id); it != torrents.end())
                it->second->on_loaded(std::move(loaded));
        });
    if (share.seat.resume != nullptr) {
        share.resume = std::make_unique<piece_store::ResumeDatabase>(world, *share.seat.resume);
        on_resume_open(piece_store::ResumeDatabase::Opened());
    } else if (share.options.state_folder.empty()) {
        share.loader->open(nullptr);
    } else {
        share.resume = std::make_unique<piece_store::ResumeDatabase>(world);
        share.resume->open(share.options.state_folder, [this, alive = alive_](ResumeOpened opened) {
            if (*alive) on_resume_open(opened);
        });
    }
    tick_timer_->arm(share.now() + tick);
}

Session::Impl::~Impl() {
    *alive_ = false;
    inbound_.close();
    leaving_.clear();
    torrents.clear();
}

// Without a resume database everything still works, but for what a restart has to hash again.
void Session::Impl::on_resume_open(const ResumeOpened& opened) {
    if (opened) {
        if (const auto& moved_aside = *opened) share.log.warning(moved_aside->message());
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

Result<TorrentId> Session::Impl::add(AddTorrent what, TorrentId id) {
    if (torrents.size() >= torrents_max)
        return fail(Error::invalid("add torrent", "", "too many torrents", std::errc::no_buffer_space));
    SPATE_ASSERT(!torrents.contains(id) && !leaving_.has(id));
    auto torrent = std::make_unique<SessionTorrent>(share, id, std::move(what));
    if (!swarms_.add(id, torrent->hash()))
        return fail(Error::invalid("add torrent", torrent->status().name, "it is there already",
                                   std::errc::file_exists));
    next_id_ = std::max(next_id_, id.value + 1);
    leaving_.start(*(torrents[id] = std::move(torrent)));
    return id;
}

void Session::Impl::remove(TorrentId id) {
    const auto it = torrents.find(id);
    if (it == torrents.end()) return;
    swarms_.remove(id);
    leaving_.forget(*it->second);
    SessionTorrent& leaving = leaving_.add(id, std::move(it->second));
    torrents.erase(it);
    const auto at_rest = [this, id, hash = leaving.hash(), alive = alive_] {
        if (!*alive) return;
        swarms_.release(id, hash);
        leaving_.on_at_rest();
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

std::optional<wire::Handshake> Session::Impl::on_arrival(const Endpoint& from, const hash::Sha1& swarm,
                                                         const wire::Reserved& reserved) {
    const auto id = swarms_.find(swarm);
    return id ? torrents.at(*id)->answer(from, swarm, reserved) : std::nullopt;
}

void Session::Impl::on_peer(std::unique_ptr<io::Stream> stream, const wire::Handshake& theirs) {
    if (const auto id = swarms_.find(theirs.swarm)) torrents.at(*id)->adopt(std::move(stream), theirs);
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
    load.connected = share.places.used() - share.half_open.used();
    load.half_open = share.half_open.used();
    load.arriving = static_cast<std::uint32_t>(inbound_.arrivals());
    load.classic = static_cast<std::uint32_t>(share.classic.connections());
    load.awake = static_cast<std::uint32_t>(share.awake.size());
    load.announcing = static_cast<std::uint32_t>(share.announces.in_flight());
    load.write_buffers = share.store_resources.budget().held();
    load.read_windows = share.store_resources.windows().buffers().held();
    for (const TorrentId id : share.awake)
        if (const auto it = torrents.find(id); it != torrents.end())
            load.largest_output = std::max<std::uint64_t>(load.largest_output, it->second->largest_output());
    return load;
}

Session::Session(io::World& world, const SessionOptions& options, SessionEvents& events, Log& log)
    : impl_(std::make_unique<Impl>(world, options, events, log, nullptr)) {}
Session::Session(io::World& world, const SessionOptions& options, SessionEvents& events, Log& log,
                 const SessionSeat& seat)
    : impl_(std::make_unique<Impl>(world, options, events, log, &seat)) {}
Session::~Session() = default;

Result<std::uint16_t> Session::start() {
    return impl_->start();
}
std::uint16_t Session::port() const {
    return impl_->share.port;
}
Result<TorrentId> Session::add(AddTorrent torrent) {
    return impl_->add(std::move(torrent), impl_->free_id());
}
Result<TorrentId> Session::add(AddTorrent torrent, TorrentId id) {
    return impl_->add(std::move(torrent), id);
}
void Session::remove(TorrentId id) {
    impl_->remove(id);
}
void Session::add_peer(TorrentId id, const Endpoint& peer) {
    impl_->torrents.at(id)->add_peer(peer);
}
void Session::announce_now(TorrentId id) {
    impl_->torrents.at(id)->announce_now();
}
std::vector<TorrentId> Session::torrents() const {
    std::vector<TorrentId> ids;
    for (const auto& [id, torrent] : impl_->torrents) ids.push_back(id);
    return ids;
}
bool Session::has(TorrentId id) const {
    return impl_->torrents.contains(id);
}
TorrentStatus Session::status(TorrentId id) const {
    return impl_->torrents.at(id)->status();
}
std::shared_ptr<const metainfo::Metainfo> Session::metainfo_of(TorrentId id) const {
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
