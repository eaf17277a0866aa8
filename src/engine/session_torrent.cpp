#include "engine/session_torrent.h"

#include <algorithm>
#include <utility>

namespace spate::engine {
namespace {

// Of one that may be found whole without asking anybody: all files are wanted, nobody waits for it.
bool may_be_whole(const AddTorrent& what) {
    const auto* magnet = std::get_if<metainfo::Magnet>(&what.what);
    return what.on_disk != OnDisk::check && what.part.whole() && !what.wants && !what.classic &&
           what.peers.empty() &&
           (magnet == nullptr || (magnet->select_only.empty() && magnet->peers.empty()));
}

}  // namespace

SessionTorrent::SessionTorrent(SessionShare& share, TorrentId id, AddTorrent what)
    : share_(share),
      id_(id),
      identity_{hash_of(what), wire::make_peer_id(share.rng)},
      what_(std::make_unique<AddTorrent>(std::move(what))) {}

SessionTorrent::~SessionTorrent() {
    if (alive_) *alive_ = false;
    share_.awake.erase(id_);
}

// The metainfo goes to the loader; of a torrent that was added by it nothing stays here.
void SessionTorrent::start() {
    LoadRequest request;
    request.may_be_whole = share_.resume && may_be_whole(*what_);
    if (auto* torrent = std::get_if<metainfo::Metainfo>(&what_->what)) {
        request.metainfo = std::make_shared<const metainfo::Metainfo>(std::move(*torrent));
        auto& link = what_->what.emplace<metainfo::Magnet>();
        link.hash = identity_.hash;
        link.name = request.metainfo->info.name;  // until it is loaded
    }
    load(std::move(request));
}

void SessionTorrent::load(LoadRequest request) {
    request.id = id_;
    request.hash = identity_.hash;
    request.folder = what_->folder;
    request.on_disk = what_->on_disk;
    request.read_only = what_->read_only;
    share_.loader->request(std::move(request));
}

void SessionTorrent::on_loaded(LoadedTorrent loaded) {
    if (phase_ == Phase::stopped || torrent_) return;
    if (!announcer_) make_announcer(loaded.metainfo.get());
    if (auto* link = std::get_if<metainfo::Magnet>(&what_->what); link != nullptr && loaded.metainfo)
        link->name = {};
    if (sleeps() && !loaded.metainfo) {
        phase_ = Phase::asleep;
        const auto why =
            Error::invalid("wake up", status().name, "the resume state does not know it any more",
                           std::errc::no_such_file_or_directory);
        const auto callers = std::move(callers_);
        share_.events.on_warning(id_, why.detail);
        if (callers) callers->dismiss(why);
        return;
    }
    if (!loaded.whole) return wake_up(std::move(loaded));
    lie_down();
    sleeper_ = std::make_unique<Sleeper>(std::move(loaded.metainfo));
    on_torrent_state(TorrentState::seeding);
    announcer_->start();
    on_torrent_complete(false);
    sleeper_->found.reset();
    if (callers_) wake();
}

void SessionTorrent::make_announcer(const metainfo::Metainfo* metainfo) {
    std::vector<std::vector<std::string>> tiers;
    if (!what_->trackers.empty()) tiers.push_back(std::exchange(what_->trackers, {}));
    if (auto* magnet = std::get_if<metainfo::Magnet>(&what_->what))
        for (std::string& url : magnet->trackers) tiers.push_back({url});
    if (metainfo != nullptr) tiers.insert(tiers.end(), metainfo->trackers.begin(), metainfo->trackers.end());
    announcer_ = std::make_unique<Announcer>(share_.world, share_.announces,
                                             static_cast<AnnounceSource&>(*this), tiers);
}

// --- awake and asleep

void SessionTorrent::wake() {
    if (phase_ != Phase::asleep) return;
    phase_ = Phase::waking;
    load({});
}

void SessionTorrent::wake_up(LoadedTorrent loaded) {
    phase_ = Phase::awake;
    sleeper_.reset();
    share_.awake.insert(id_);
    torrent_ = std::make_unique<Torrent>(share_, id_, identity_, *what_, static_cast<TorrentOwner&>(*this));
    torrent_->start(std::move(loaded.metainfo), std::move(loaded.row));
    if (const auto callers = std::move(callers_)) callers->meet(*torrent_);
}

void SessionTorrent::when_awake(Callers::Task task) {
    if (torrent_) return task(torrent_.get());
    callers().ask(std::move(task));
    wake();
}

void SessionTorrent::ask(Torrent::Done done, Work work) {
    const auto refuse = [&](const char* why, std::errc code) {
        done(fail(Error::invalid("change", status().name, why, code)));
    };
    if (phase_ == Phase::stopped) return refuse("it is stopped", std::errc::operation_canceled);
    if (tasks_.full()) return refuse("too much waits for it already", std::errc::no_buffer_space);
    when_awake(
        [work = std::move(work), done = tasks_.add(std::move(done))](Result<Torrent*> torrent) mutable {
            if (!torrent) return done(fail(std::move(torrent.error())));
            work(**torrent, std::move(done));
        });
}

void SessionTorrent::move_to(std::string folder, Torrent::Done done) {
    ask(std::move(done), [folder = std::move(folder)](Torrent& torrent, Torrent::Done answer) mutable {
        torrent.move_to(std::move(folder), std::move(answer));
    });
}

void SessionTorrent::rename_file(metainfo::FileIndex file, std::string path, Torrent::Done done) {
    ask(std::move(done), [file, path = std::move(path)](Torrent& torrent, Torrent::Done answer) mutable {
        torrent.rename_file(file, std::move(path), std::move(answer));
    });
}

void SessionTorrent::fall_asleep() {
    TorrentStatus status;
    torrent_->fill_status(status);
    sleeper_ = std::make_unique<Sleeper>(std::move(status), torrent_->bytes_left());
    transferred_ += torrent_->transferred();
    torrent_.reset();
    share_.awake.erase(id_);
    lie_down();
}

// What was believed of its files when it was added is not believed when it wakes up.
void SessionTorrent::lie_down() {
    phase_ = Phase::asleep;
    what_->on_disk = OnDisk::resume;
}

void SessionTorrent::on_tick(TimePoint now) {
    if (!torrent_) return;
    torrent_->on_tick(now);
    if (phase_ == Phase::awake && tasks_.empty() && torrent_->was_quiet_for(share_.options.sleep_after, now))
        fall_asleep();
}

void SessionTorrent::on_rate(TimePoint now) {
    if (torrent_) torrent_->on_rate(now);
}

// --- who comes

std::optional<wire::Handshake> SessionTorrent::answer(const Endpoint& from, const hash::Sha1& swarm,
                                                      const wire::Reserved& reserved) const {
    if (torrent_) return torrent_->answer(from, swarm, reserved);
    if (!sleeps() || (callers_ && callers_->full()) || !share_.has_place_for(from.address))
        return std::nullopt;
    return identity_.answer(swarm, reserved);
}

void SessionTorrent::adopt(std::unique_ptr<io::Stream> stream, const wire::Handshake& theirs) {
    if (torrent_) return torrent_->adopt(std::move(stream), theirs);
    if (sleeps() && callers().arrive(std::move(stream), theirs)) wake();
}

void SessionTorrent::add_peer(const Endpoint& peer) {
    if (torrent_) return torrent_->add_peer(peer, swarm::PeerSource::user, Address::loopback());
    if (phase_ != Phase::stopped && callers().add_named(peer)) wake();
}

void SessionTorrent::set_peer_limits(const RateLimits& limits) {
    what_->peer_limits = limits;
    if (torrent_) torrent_->set_peer_limits(limits);
}

void SessionTorrent::set_deadline(metainfo::PieceIndex piece, TimePoint deadline) {
    if (torrent_) torrent_->set_deadline(piece, deadline);
}

// Where there are only seeds nobody needs a sleeping one.
void SessionTorrent::on_peers(std::span<const Endpoint> peers, const Address& tracker) {
    if (torrent_) {
        for (const Endpoint& peer : peers) torrent_->add_peer(peer, swarm::PeerSource::tracker, tracker);
        return;
    }
    const auto counts = announcer_->counts();
    if (!sleeps() || (counts && counts->leechers == 0 && counts->seeds > 0)) return;
    for (const Endpoint& peer : peers)
        if (!callers().add_told(peer, tracker)) break;
    wake();
}

// --- what is told

void SessionTorrent::on_torrent_state(TorrentState state) {
    if (!standing_.is_news(state)) return;
    if (standing_.enter(state) && announcer_) announcer_->changed();
    share_.events.on_state(id_, state);
}

void SessionTorrent::on_torrent_ready() {
    announcer_->start();
}

void SessionTorrent::on_torrent_complete(bool fetched) {
    // Who has all that it wants, and not all there is, is a partial seed (BEP 21): its trackers hear of that.
    const bool all = figures().left == 0;
    if (fetched) all ? announcer_->completed() : announcer_->changed();
    const auto news = standing_.on_complete();
    if (news == Standing::Complete::known) return;
    if (news == Standing::Complete::again && !fetched) announcer_->changed();
    share_.events.on_finished(id_);
}

void SessionTorrent::on_torrent_failed(const Error& error) {
    standing_.fail(error);
    share_.events.on_error(id_, error);
}

std::uint32_t SessionTorrent::seeds_at_trackers() const {
    const auto counts = announcer_->counts();
    return counts ? counts->seeds : 0;
}

AnnounceFigures SessionTorrent::figures() const {
    AnnounceFigures figures;
    if (identity_.hash.v1) figures.swarms.push_back(*identity_.hash.v1);
    if (identity_.hash.v2) figures.swarms.push_back(metainfo::truncated(*identity_.hash.v2));
    figures.peer_id = identity_.peer_id;
    figures.port = share_.port;
    figures.uploaded = transferred_.uploaded;
    figures.downloaded = transferred_.downloaded;
    if (torrent_) {
        const Transferred more = torrent_->transferred();
        figures.uploaded += more.uploaded;
        figures.downloaded += more.downloaded;
        figures.left = torrent_->bytes_left();
        figures.partial_seed = torrent_->partial_seed();
        if (torrent_->peers() >= peers_enough) figures.want = 0;
    } else if (sleeper_) {
        figures.left = sleeper_->left;
        figures.partial_seed = figures.left > 0;
    }
    return figures;
}

void SessionTorrent::on_external_address(const Address& address) {
    if (torrent_) torrent_->on_external_address(address);
}

void SessionTorrent::on_tracker_warning(const std::string& tracker, const std::string& text) {
    const std::string warning = text.empty() ? text : tracker + ": " + text;
    standing_.set_warning(warning);
    if (!warning.empty()) share_.events.on_warning(id_, warning);
}

TorrentStatus SessionTorrent::status() const {
    TorrentStatus status;
    standing_.fill(status);
    if (torrent_) torrent_->fill_status(status);
    status.downloaded += transferred_.downloaded;
    status.uploaded += transferred_.uploaded;
    status.wasted += transferred_.wasted;
    if (sleeper_) sleeper_->fill(status);
    if (status.name.empty()) status.name = name_of(*what_);
    const auto counts = announcer_ ? announcer_->counts() : std::nullopt;
    if (counts) {
        status.tracker_seeds = counts->seeds;
        status.tracker_leechers = counts->leechers;
    }
    return status;
}

// --- the end

void SessionTorrent::stop(Duration time_limit, std::function<void()> at_rest, std::function<void()> done) {
    phase_ = Phase::stopped;
    standing_.enter(TorrentState::stopped);
    callers_.reset();
    alive_ = std::make_shared<bool>(true);
    // Both ways end in a later turn.
    const auto left = std::make_shared<int>(2);
    const auto one_done = [left, done = std::move(done)] {
        if (--*left == 0) done();
    };
    const auto leave_files = [this, alive = alive_, at_rest = std::move(at_rest), one_done] {
        if (!*alive) return;
        torrent_.reset();
        share_.awake.erase(id_);
        tasks_.dismiss(Error::invalid("change", name_of(*what_), "it was stopped before that was done",
                                      std::errc::operation_canceled));
        at_rest();
        one_done();
    };
    if (torrent_) {
        torrent_->stop();
        torrent_->save([&log = share_.log, leave_files](const Result<void>& saved) {
            if (!saved) log.error(saved.error().message());
            leave_files();
        });
    } else {
        share_.world.reactor.post(leave_files);
    }
    if (announcer_)
        announcer_->stop(time_limit, one_done);
    else
        share_.world.reactor.post(one_done);
}

}  // namespace spate::engine
