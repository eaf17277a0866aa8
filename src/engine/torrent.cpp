#include "engine/torrent.h"

#include <algorithm>
#include <utility>

#include "base/printable.h"
#include "engine/torrent_bytes.h"
#include "metainfo/torrent_reader.h"

namespace spate::engine {
namespace {

const metainfo::InfoHash& hash_of(const AddTorrent& what) {
    if (const auto* torrent = std::get_if<metainfo::Metainfo>(&what.what)) return torrent->info.hash;
    return std::get<metainfo::Magnet>(what.what).hash;
}

std::vector<std::vector<std::string>> tiers_of(const AddTorrent& what) {
    std::vector<std::vector<std::string>> tiers;
    if (!what.trackers.empty()) tiers.push_back(what.trackers);
    if (const auto* torrent = std::get_if<metainfo::Metainfo>(&what.what)) {
        tiers.insert(tiers.end(), torrent->trackers.begin(), torrent->trackers.end());
    } else {
        for (const std::string& url : std::get<metainfo::Magnet>(what.what).trackers) tiers.push_back({url});
    }
    return tiers;
}

}  // namespace

Torrent::Torrent(SessionShare& share, TorrentId id, AddTorrent what)
    : TurnTask(share.turn),
      share_(share),
      id_(id),
      what_(std::move(what)),
      hash_(hash_of(what_)),
      peer_id_(wire::make_peer_id(share.rng)),
      parts_(share, *this, what_.limits),
      router_(parts_, *this),
      exchange_(parts_),
      announcer_(share.world, *this, tiers_of(what_)) {
    if (share_.port != 0) parts_.connections.list().add_own({Address::loopback(), share_.port});
}

Torrent::~Torrent() {
    *alive_ = false;
    share_.connected -= static_cast<std::uint32_t>(parts_.peers.size());
    if (in_checkpoints_) share_.checkpoints->remove(parts_.content->store());
}

void Torrent::start(std::optional<piece_store::ResumeRow> row) {
    row_ = std::move(row);
    resolve_peers(what_.peers);
    if (auto* torrent = std::get_if<metainfo::Metainfo>(&what_.what)) {
        metainfo_ = std::make_shared<const metainfo::Metainfo>(std::move(*torrent));
        what_.what = metainfo::Magnet{};
    } else {
        resolve_peers(std::get<metainfo::Magnet>(what_.what).peers);
        if (row_ && !row_->metainfo.empty())
            if (auto known = metainfo::read_torrent(row_->metainfo); known && known->info.hash == hash_)
                metainfo_ = std::make_shared<const metainfo::Metainfo>(std::move(*known));
    }
    if (metainfo_) return make_content();
    parts_.metadata =
        std::make_unique<MetadataFetch>(hash_, parts_.peers, static_cast<MetadataFetchOwner&>(*this));
    set_state(TorrentState::metadata);
    start_announcing();
}

void Torrent::on_metainfo_there(metainfo::Metainfo metainfo) {
    const auto& magnet = std::get<metainfo::Magnet>(what_.what);
    for (const std::string& url : magnet.trackers) metainfo.trackers.push_back({url});
    metainfo_ = std::make_shared<const metainfo::Metainfo>(std::move(metainfo));
    at_turn_end();
}

void Torrent::on_turn_end() {
    if (metainfo_ && !parts_.content && !error_) {
        parts_.metadata.reset();
        share_.events.on_metainfo(id_, *metainfo_);
        make_content();
    }
    if (takes_peers()) parts_.connections.dial(parts_.peers.size(), parts_.seeding(), share_.now());
}

void Torrent::make_content() {
    parts_.private_torrent = metainfo_->info.private_torrent;
    std::optional<piece_store::StoredState> state;
    if (row_ && what_.on_disk == OnDisk::resume && row_->folder == what_.folder)
        state = piece_store::read_state(row_->state, metainfo_->info.layout);
    ContentOptions options;
    options.folder = what_.folder;
    options.wants = what_.wants;
    if (const auto* magnet = std::get_if<metainfo::Magnet>(&what_.what))
        options.select_only = magnet->select_only;
    options.on_disk = what_.on_disk;
    options.part = what_.part;
    if (!metainfo_->info.private_torrent) options.classic = what_.classic;
    options.super_seed = what_.super_seed;
    options.sequential = what_.sequential;
    options.preallocate = what_.preallocate;
    options.read_only = what_.read_only;
    parts_.content =
        std::make_unique<Content>(share_, parts_.peers, parts_.down, parts_.up, metainfo_, std::move(options),
                                  std::move(state), static_cast<ContentOwner&>(*this));
    Content& content = *parts_.content;
    parts_.peers.each([&](Peer& peer) {
        peer.connection.wire().set_piece_count(metainfo_->info.layout.piece_count());
        content.peer_joined(peer);
        if (!content.take_early_have(peer)) return close_peer(peer, wire::CloseReason::bad_bitfield);
        if (peer.up.interested) content.uploads().on_interested(peer, share_.now());
    });
    if (share_.resume) remember();
    content.open();
}

// Its row must be there before checkpoints may speak of it.
void Torrent::remember() {
    piece_store::ResumeRow row;
    if (row_ && row_->folder == what_.folder) row = std::move(*row_);
    row_.reset();
    row.key = piece_store::resume_key(hash_);
    row.folder = what_.folder;
    row.metainfo = torrent_bytes(*metainfo_);
    const piece_store::Checkpoints::Totals before{row.downloaded, row.uploaded};
    remembering_ = true;
    share_.resume->put(std::move(row), [this, before, alive = alive_](Result<void> stored) {
        if (!*alive) return;
        remembering_ = false;
        if (!stored) on_content_warning(stored.error().message());
        if (stored) add_checkpoints(before);
        if (parts_.seeding()) sync_complete();
    });
}

void Torrent::add_checkpoints(const piece_store::Checkpoints::Totals& before) {
    share_.checkpoints->add(parts_.content->store(), piece_store::resume_key(hash_), [this, before] {
        return piece_store::Checkpoints::Totals{before.downloaded + parts_.content->downloads().downloaded(),
                                                before.uploaded + parts_.content->uploaded()};
    });
    in_checkpoints_ = true;
}

void Torrent::set_state(TorrentState state) {
    if (std::exchange(state_, state) == state && state != TorrentState::opening) return;
    share_.events.on_state(id_, state);
}

void Torrent::on_content_state(TorrentState state) {
    set_state(state);
    if (!takes_peers()) return;
    if (!parts_.content->ready()) return;
    parts_.peers.each([&](Peer& peer) {
        if (!peer.greeted) greet(peer);
    });
    start_announcing();
    if (state == TorrentState::seeding) leave_seeds();
    at_turn_end();
}

void Torrent::leave_seeds() {
    const swarm::PiecePicker& picker = parts_.content->downloads().picker();
    parts_.peers.each([&](Peer& peer) {
        if (picker.count_of(peer.key) == metainfo_->info.layout.piece_count())
            close_peer(peer, wire::CloseReason::not_wanted);
        else if (!parts_.content->first_copies().hides_from(peer))
            peer.connection.send_extended(wire::UploadOnly{true});
    });
}

void Torrent::on_content_complete() {
    if (!remembering_) sync_complete();
}

// What is said to be done is on the disk for good, and so is the state that says it.
void Torrent::sync_complete() {
    const auto synced = [this, alive = alive_](const auto& result) {
        if (!*alive || !parts_.seeding()) return;
        if (!result) return fail(result.error());
        announcer_.completed();
        share_.events.on_finished(id_);
    };
    if (in_checkpoints_)
        share_.checkpoints->flush([synced](const Result<void>& result) { synced(result); });
    else
        parts_.content->store().sync(
            piece_store::PieceStore::Closing::no,
            [synced](const Result<piece_store::StoredState>& result) { synced(result); });
}

void Torrent::on_content_warning(const std::string& text) {
    share_.events.on_warning(id_, printable(text));
}

void Torrent::fail(const Error& error) {
    if (error_) return;
    error_ = error;
    set_state(TorrentState::failed);
    parts_.connections.stop();
    close_all(wire::CloseReason::torrent_stopped);
    share_.events.on_error(id_, error);
}

void Torrent::start_announcing() {
    if (std::exchange(announcing_, true)) return;
    announcer_.start();
}

void Torrent::resolve_peers(const std::vector<HostPort>& peers) {
    for (const HostPort& peer : peers)
        resolving_.push_back(share_.world.resolver.resolve(
            peer.host, [this, port = peer.port](Result<std::vector<Address>> addresses) {
                if (!addresses) return on_content_warning(addresses.error().message());
                for (const Address& address : *addresses) add_peer({address, port}, swarm::PeerSource::user);
            }));
}

void Torrent::add_peer(const Endpoint& peer, swarm::PeerSource source) {
    parts_.connections.list().add(peer, source, Address::loopback());
    at_turn_end();
}

void Torrent::on_peers(std::span<const Endpoint> peers, const Address& tracker) {
    for (const Endpoint& peer : peers)
        parts_.connections.list().add(peer, swarm::PeerSource::tracker, tracker);
    at_turn_end();
}

void Torrent::on_external_address(const Address& address) {
    if (share_.port != 0) parts_.connections.list().add_own({address, share_.port});
}

void Torrent::on_tracker_warning(const std::string& tracker, const std::string& text) {
    warning_ = text.empty() ? text : tracker + ": " + text;
    if (!text.empty()) share_.events.on_warning(id_, warning_);
}

AnnounceFigures Torrent::figures() const {
    AnnounceFigures figures;
    if (hash_.v1) figures.swarms.push_back(*hash_.v1);
    if (hash_.v2) figures.swarms.push_back(metainfo::truncated(*hash_.v2));
    figures.peer_id = peer_id_;
    figures.port = share_.port;
    if (parts_.content && parts_.content->ready()) {
        figures.uploaded = parts_.content->uploaded();
        figures.downloaded = parts_.content->downloads().downloaded();
        figures.left = parts_.content->bytes_left();
        figures.partial_seed = parts_.content->seeding() && !parts_.content->complete();
    }
    if (parts_.peers.size() >= peers_enough) figures.want = 0;
    return figures;
}

void Torrent::count_other_seeds() {
    if (parts_.peers.size() == 0 || !parts_.content || !parts_.content->complete()) return;
    std::uint32_t seeds = 0;
    for (const TrackerStatus& tracker : announcer_.status())
        if (tracker.working) seeds = std::max(seeds, tracker.seeds);
    parts_.content->first_copies().on_seed_count(seeds);
}

void Torrent::on_tick(TimePoint now) {
    parts_.connections.on_tick(now);
    drop_idle(now);
    if (parts_.metadata) parts_.metadata->on_tick(now);
    if (parts_.content) parts_.content->on_tick(now);
    count_other_seeds();
    exchange_.on_tick(now);
    if (takes_peers()) parts_.connections.dial(parts_.peers.size(), parts_.seeding(), now);
}

const metainfo::Metainfo* Torrent::metainfo() const {
    return metainfo_.get();
}

TorrentStatus Torrent::status() const {
    TorrentStatus status;
    status.state = state_;
    status.error = error_;
    status.tracker_warning = warning_;
    if (metainfo_)
        status.name = metainfo_->info.name;
    else if (const auto* torrent = std::get_if<metainfo::Metainfo>(&what_.what))
        status.name = torrent->info.name;  // it waits to be started
    else
        status.name = std::get<metainfo::Magnet>(what_.what).name;
    if (status.name.empty()) status.name = piece_store::resume_key(hash_);
    if (parts_.content) parts_.content->fill_status(status, share_.now());
    status.peers = static_cast<std::uint32_t>(parts_.peers.size());
    status.peers_known = static_cast<std::uint32_t>(parts_.connections.list().size());
    status.peers_banned = static_cast<std::uint32_t>(parts_.connections.list().banned_count());
    for (const TrackerStatus& tracker : announcer_.status()) {
        if (!tracker.working) continue;
        status.tracker_seeds = std::max(status.tracker_seeds.value_or(0), tracker.seeds);
        status.tracker_leechers = std::max(status.tracker_leechers.value_or(0), tracker.leechers);
    }
    return status;
}

void Torrent::stop(Duration time_limit, std::function<void()> done) {
    state_ = TorrentState::stopped;
    parts_.connections.stop();
    close_all(wire::CloseReason::torrent_stopped);
    if (!announcing_) return done();
    announcer_.stop(time_limit, std::move(done));
}

}  // namespace spate::engine
