#include "engine/torrent.h"

#include <algorithm>
#include <utility>

#include "announce/announce.h"
#include "base/printable.h"

namespace spate::engine {

Torrent::Torrent(SessionShare& share, TorrentId id, const TorrentIdentity& identity, const AddTorrent& what,
                 TorrentOwner& owner)
    : TurnTask(share.turn),
      share_(share),
      id_(id),
      identity_(identity),
      what_(what),
      owner_(owner),
      parts_(share, *this, what.limits),
      connected_(parts_, identity_, *this),
      record_(share, piece_store::resume_key(identity_.hash), *this),
      completion_(record_, *this) {
    parts_.each_peer = what_.peer_limits;
    add_own_address(Address::loopback());
}

Torrent::~Torrent() {
    *alive_ = false;
    record_.leave();
}

void Torrent::start(std::shared_ptr<const metainfo::Metainfo> metainfo,
                    std::optional<piece_store::ResumeRow> row) {
    record_.found(std::move(row));
    parts_.metainfo = std::move(metainfo);
    resolve_peers(what_.peers);
    if (const auto* magnet = std::get_if<metainfo::Magnet>(&what_.what)) resolve_peers(magnet->peers);
    if (parts_.metainfo) {
        if (is_the_only_one()) make_content();
        return;
    }
    parts_.metadata = std::make_unique<MetadataFetch>(share_.world, identity_.hash, parts_.peers,
                                                      static_cast<MetadataFetchOwner&>(*this));
    set_state(TorrentState::metadata);
    owner_.on_torrent_ready();
}

void Torrent::on_metainfo_there(metainfo::Metainfo metainfo) {
    if (const auto* magnet = std::get_if<metainfo::Magnet>(&what_.what))
        for (const std::string& url : magnet->trackers) metainfo.trackers.push_back({url});
    parts_.metainfo = std::make_shared<const metainfo::Metainfo>(std::move(metainfo));
    at_turn_end();
}

void Torrent::on_turn_end() {
    if (parts_.metainfo && !parts_.content && state_ != TorrentState::failed &&
        state_ != TorrentState::stopped) {
        parts_.metadata.reset();
        if (!is_the_only_one()) return;
        share_.events.on_metainfo(id_, *parts_.metainfo);
        if (state_ == TorrentState::stopped) return;
        make_content();
    }
    if (takes_peers()) parts_.connections.dial(parts_.peers.size(), parts_.seeding(), share_.now());
}

// A magnet may have named it by one of two hashes.
bool Torrent::is_the_only_one() {
    const metainfo::InfoHash& hash = parts_.metainfo->info.hash;
    if (hash == identity_.hash || share_.claim(id_, hash)) return true;
    fail(Error::invalid("add torrent", parts_.metainfo->info.name,
                        "it is there already, by another of its info-hashes",
                        std::errc::device_or_resource_busy));
    return false;
}

void Torrent::make_content() {
    const metainfo::Info& info = parts_.metainfo->info;
    parts_.private_torrent = info.private_torrent;
    ContentRecord record{.state = std::nullopt, .claimed = record_.claims(what_.folder)};
    if (what_.on_disk == OnDisk::resume) record.state = record_.state(what_.folder, info.layout);
    parts_.content = std::make_unique<Content>(share_, parts_.peers, parts_.down, parts_.up, parts_.metainfo,
                                               what_, std::move(record), static_cast<ContentOwner&>(*this));
    Content& content = *parts_.content;
    parts_.peers.each([&](Peer& peer) {
        peer.connection.wire().set_piece_count(info.layout.piece_count());
        content.peer_joined(peer);
        if (!content.take_early_have(peer)) return close_peer(peer, wire::CloseReason::bad_bitfield);
        if (peer.up.interested) content.uploads().slots().on_interested(peer, share_.now());
    });
    remember();
    content.open();
}

void Torrent::remember() {
    record_.keep(parts_.content->store(), what_.folder, *parts_.metainfo);
}

void Torrent::on_record_kept() {
    if (parts_.seeding()) completion_.sync(parts_.content->store());
}

// It goes on without, unless a state of before claims what is not there any more.
void Torrent::on_record_not_kept(const Error& error, bool first) {
    parts_.content->store().not_saved(error);
    if (!first) return;
    on_content_warning("its resume state cannot be kept, it is tried again: " + error.message());
    if (parts_.seeding()) completion_.sync(parts_.content->store());
}

piece_store::Checkpoints::Totals Torrent::on_totals_asked() {
    return {parts_.content->downloads().downloaded(), parts_.content->uploaded()};
}

void Torrent::on_content_retry() {
    if (parts_.seeding()) on_content_complete();
}

void Torrent::set_state(TorrentState state) {
    if (std::exchange(state_, state) == state && state != TorrentState::opening) return;
    completion_.on_state(state);
    owner_.on_torrent_state(state);
}

void Torrent::on_content_state(TorrentState state) {
    // Jobs that were under way end after that.
    if (state_ == TorrentState::failed || state_ == TorrentState::stopped) return;
    set_state(state);
    if (!takes_peers()) return;
    if (!parts_.content->greets()) return;
    connected_.greet_all();
    if (!parts_.content->ready()) return;
    owner_.on_torrent_ready();
    if (state == TorrentState::seeding) connected_.leave_seeds();
    at_turn_end();
}

void Torrent::on_content_complete() {
    if (!record_.storing()) completion_.sync(parts_.content->store());
}

bool Torrent::is_whole() const {
    return parts_.seeding() && state_ != TorrentState::stopped;
}

void Torrent::on_complete(bool fetched) {
    parts_.content->files().on_well();
    owner_.on_torrent_complete(fetched);
}

void Torrent::on_content_warning(const std::string& text) {
    if (state_ != TorrentState::stopped) share_.events.on_warning(id_, printable(text));
}

void Torrent::fail(const Error& error) {
    if (state_ == TorrentState::failed || state_ == TorrentState::stopped) return;
    set_state(TorrentState::failed);
    parts_.connections.stop();
    connected_.leave_all();
    owner_.on_torrent_failed(error);
}

void Torrent::resolve_peers(const std::vector<HostPort>& peers) {
    for (const HostPort& peer : peers)
        resolving_.push_back(share_.world.resolver.resolve(
            peer.host, [this, port = peer.port](Result<std::vector<Address>> addresses) {
                if (!addresses) return on_content_warning(addresses.error().message());
                for (const Address& address : *addresses)
                    add_peer({address, port}, swarm::PeerSource::user, Address::loopback());
            }));
}

void Torrent::add_peer(const Endpoint& peer, swarm::PeerSource source, const Address& teller) {
    parts_.connections.list().add(peer, source, teller);
    at_turn_end();
}

void Torrent::on_external_address(const Address& address) {
    parts_.own_address.on_tracker_says(address);
    add_own_address(address);
}

void Torrent::add_own_address(const Address& address) {
    if (share_.port != 0) parts_.connections.list().add_own({address, share_.port});
}

void Torrent::set_deadline(metainfo::PieceIndex piece, TimePoint deadline) {
    if (parts_.content && piece.value < parts_.metainfo->info.layout.piece_count())
        parts_.content->downloads().picker().set_deadline(piece, deadline);
}

namespace {
Error no_files_yet(const char* operation) {
    return Error::invalid(operation, "torrent", "its metadata is not known yet",
                          std::errc::no_such_file_or_directory);
}
}  // namespace

void Torrent::move_to(std::string folder, Done done) {
    if (!parts_.content) return done(spate::fail(no_files_yet("move")));
    // The row says where its files are; after that their state follows.
    auto say = [this, folder, alive = alive_](Done said) {
        if (*alive) record_.set_folder(folder, std::move(said));
    };
    parts_.content->files().move_to(
        folder, std::move(say),
        [this, folder, done = std::move(done), alive = alive_](Result<void> moved) mutable {
            if (!*alive) return;
            if (moved) owner_.on_torrent_moved(folder);
            done(std::move(moved));
        });
}

void Torrent::rename_file(metainfo::FileIndex file, std::string path, Done done) {
    if (!parts_.content) return done(spate::fail(no_files_yet("rename")));
    parts_.content->files().rename_file(file, std::move(path), std::move(done));
}

void Torrent::count_other_seeds() {
    if (parts_.peers.size() == 0 || !parts_.content || !parts_.content->complete()) return;
    parts_.content->first_copies().on_seed_count(owner_.seeds_at_trackers());
}

void Torrent::on_tick(TimePoint now) {
    parts_.connections.on_tick(now);
    connected_.drop_idle(now);
    if (parts_.metadata) parts_.metadata->on_tick(now);
    if (parts_.content) parts_.content->on_tick(now);
    if (record_.begin_try(now)) remember();
    count_other_seeds();
    connected_.tell_contacts(now);
    if (takes_peers()) parts_.connections.dial(parts_.peers.size(), parts_.seeding(), now);
    if (!is_quiet())
        quiet_since_ = never;
    else if (quiet_since_ == never)
        quiet_since_ = now;
}

void Torrent::fill_status(TorrentStatus& status) const {
    if (parts_.metainfo) status.name = parts_.metainfo->info.name;
    if (parts_.content) parts_.content->fill_status(status, share_.now());
    status.peers = static_cast<std::uint32_t>(parts_.peers.size());
    status.peers_known = static_cast<std::uint32_t>(parts_.connections.list().size());
    status.peers_banned = static_cast<std::uint32_t>(parts_.connections.list().banned_count());
}

Transferred Torrent::transferred() const {
    if (!parts_.content) return {};
    return {parts_.content->downloads().downloaded(), parts_.content->uploaded(),
            parts_.content->downloads().wasted()};
}

std::uint64_t Torrent::bytes_left() const {
    return parts_.content && parts_.content->ready() ? parts_.content->bytes_not_shown()
                                                     : announce::left_unknown;
}

bool Torrent::is_quiet() const {
    const swarm::PeerList& list = parts_.connections.list();
    return state_ == TorrentState::seeding && parts_.seeding() && completion_.settled() &&
           parts_.peers.size() == 0 && list.half_open() == 0 && list.banned_count() == 0 && !what_.classic &&
           record_.kept() && !parts_.content->store().unsynced() && !parts_.content->store().moving();
}

void Torrent::stop() {
    state_ = TorrentState::stopped;
    parts_.connections.stop();
    connected_.leave_all();
}

// --- peers

bool Torrent::takes_peers() const {
    switch (state_) {
        case TorrentState::opening:
            return parts_.content != nullptr;  // greeted when it is known what is here
        case TorrentState::metadata:
        case TorrentState::checking:
        case TorrentState::downloading:
        case TorrentState::waiting:
        case TorrentState::seeding:
            return true;
        default:
            return false;
    }
}

void Torrent::on_dialed(std::unique_ptr<io::Stream> stream, const wire::Handshake& theirs) {
    connected_.adopt(std::move(stream), theirs, Direction::outgoing);
}

void Torrent::on_shown_wrong(const Endpoint& sender) {
    parts_.connections.list().ban(sender);
    share_.events.on_peer_banned(id_, sender);
    connected_.leave_banned();
}

}  // namespace spate::engine
