#include "engine/content.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace spate::engine {
namespace {

piece_store::Trust trust_of(OnDisk on_disk) {
    switch (on_disk) {
        case OnDisk::resume:
            return piece_store::Trust::resume;
        case OnDisk::just_hashed:
            return piece_store::Trust::sizes;
        case OnDisk::check:
            return piece_store::Trust::none;
    }
    return piece_store::Trust::none;
}

Selection selection_of(const AddTorrent& what) {
    Selection selection{.wants = what.wants, .only = {}, .part = what.part};
    if (const auto* magnet = std::get_if<metainfo::Magnet>(&what.what)) selection.only = magnet->select_only;
    return selection;
}

}  // namespace

Content::Content(SessionShare& share, PeerTable& peers, swarm::RateLimiter& down, swarm::RateLimiter& up,
                 std::shared_ptr<const metainfo::Metainfo> metainfo, const AddTorrent& what,
                 ContentRecord record, ContentOwner& owner)
    : TurnTask(share.turn),
      share_(share),
      peers_(peers),
      metainfo_(std::move(metainfo)),
      what_(what),
      owner_(owner),
      wanted_(metainfo_->info.layout, selection_of(what)),
      shown_(peers, wanted_, metainfo_->info.layout.piece_count()),
      files_(share,
             {.metainfo = metainfo_,
              .folder = what.folder,
              .wanted = wanted_.files(),
              .trust = trust_of(what.on_disk),
              .state = std::move(record.state),
              .preallocate = what.preallocate,
              .overwrite = what.overwrite,
              .keeps_state = share.resume != nullptr,
              .claimed = record.claimed,
              .read_only = what.read_only},
             *this, *this),
      downloads_(*metainfo_, files_.store(), peers, share.rng, *this),
      uploads_(metainfo_->info.layout, files_.store(), shown_.pieces(), peers,
               {.slots = share.options.upload_slots, .upload_limit = share.options.limits.up}, share.rng,
               *this),
      first_copies_(metainfo_->info.layout, downloads_.picker(), peers, share, what.super_seed),
      classic_(share, down, up),
      end_game_{.timer = share.world.reactor.make_timer([this] {
          downloads_.look_again();
          at_turn_end();
      })} {
    if (what.sequential) downloads_.stream();
    downloads_.picker().set_priorities(wanted_.priorities());
}

TorrentState Content::state() const {
    if (files_.waiting()) return TorrentState::waiting;
    if (!files_.is_open()) return TorrentState::opening;
    if (!ready()) return TorrentState::checking;
    return seeding() ? TorrentState::seeding : TorrentState::downloading;
}

void Content::open() {
    tell_state();
    files_.open();
}

void Content::on_files_open(const piece_store::Opened& opened) {
    downloads_.pause(false);
    tell_lost(opened);
    shown_.begin(store().have());
}

// Somebody may wonder why so much is fetched again.
void Content::tell_lost(const piece_store::Opened& opened) {
    if (opened.lost == 0 || opened.gone.empty()) return;
    std::string text = opened.gone.front();
    if (opened.gone.size() > 1) text += " and " + std::to_string(opened.gone.size() - 1) + " more files";
    owner_.on_content_warning(text + " went away, and with it " + std::to_string(opened.lost) +
                              (opened.lost == 1 ? " piece, which is" : " pieces, which are") +
                              " fetched again");
}

// The missing is asked for.
void Content::on_files_known() {
    downloads_.start(store().have());
    restore();
    wanted_.count(store().have());
    if (what_.read_only && !seeding())
        files_.miss(Error::invalid("share", metainfo_->info.name,
                                   "not all of it is there and right; mend or remove it",
                                   std::errc::io_error));
    if (files_.waiting()) downloads_.pause(true);
    tell_state();
    join_classic();
    at_turn_end();
}

void Content::restore() {
    for (const auto& [piece, blocks] : files_.take_unfinished())
        if (!store().have().has(piece)) downloads_.restore(piece, blocks);
}

void Content::on_files_waiting() {
    downloads_.pause(true);
    tell_state();
}

void Content::on_files_well() {
    downloads_.pause(false);
    if (!ready()) return;
    tell_state();
    at_turn_end();
}

void Content::join_classic() {
    const metainfo::FileLayout& layout = metainfo_->info.layout;
    if (!what_.classic || metainfo_->info.private_torrent || !ClassicShare::suits(layout)) return;
    classic_.serve(*what_.classic, layout, store(), shown_.pieces());
    if (!seeding())
        classic_.fetch(*what_.classic, layout, downloads_, peers_, static_cast<ClassicSourcesOwner&>(*this));
}

void Content::peer_joined(Peer& peer) {
    downloads_.peer_joined(peer);
}

void Content::greet(Peer& peer, const hash::Sha1& swarm) {
    SPATE_ASSERT(greets());
    at_turn_end();
    if (!std::exchange(peer.told_have, true)) tell_have(peer);
    if (!first_copies_.hides_from(peer)) uploads_.offer_allowed_fast(peer, swarm);
    uploads_.slots().offer(peer, share_.now());
}

void Content::tell_have(Peer& peer) {
    const metainfo::Bitfield& have = shown_.pieces();
    const bool fast = peer.connection.wire().fast();
    if (have.none() || (have.all() && first_copies_.take(peer, share_.now()))) {
        if (fast) peer.connection.send(wire::HaveNone{});
    } else if (fast && have.all()) {
        peer.connection.send(wire::HaveAll{});
    } else {
        peer.connection.send(wire::BitfieldMessage{have.bytes()});
    }
}

bool Content::take_early_have(Peer& peer) {
    const auto has = peer.early_have.resolve(metainfo_->info.layout.piece_count());
    if (!has) return false;
    downloads_.on_bitfield(peer, *has);
    return true;
}

void Content::peer_gone(Peer& peer) {
    downloads_.peer_gone(peer);
    uploads_.slots().peer_gone(peer);
    first_copies_.peer_gone(peer);
    at_turn_end();
}

void Content::on_verdicts(std::span<const piece_store::PieceVerdict> verdicts) {
    using Outcome = piece_store::PieceVerdict::Outcome;
    const bool any =
        std::ranges::any_of(verdicts, [](const auto& one) { return one.outcome == Outcome::good; });
    files_.on_verdicts(any);
    downloads_.on_verdicts(verdicts);
    at_turn_end();
}

void Content::on_piece_there(metainfo::PieceIndex piece) {
    if (shown_.add(piece)) classic_.on_there(piece);
    wanted_.on_there(piece);
}

// By a check: at the start, or of what was in doubt.
void Content::on_found(std::span<const metainfo::PieceIndex> pieces) {
    for (const metainfo::PieceIndex piece : pieces) {
        if (ready()) {
            downloads_.on_found(piece);
            on_piece_there(piece);
        } else {
            shown_.add(piece);
        }
    }
    at_turn_end();
}

void Content::on_lost(std::span<const metainfo::PieceIndex> pieces, const Error& why) {
    if (!store().has_doubts()) owner_.on_content_warning(why.message());
    first_copies_.end();
    downloads_.on_lost(pieces);
    shown_.lose(pieces);
    if (!ready()) return;
    classic_.on_lost();
    wanted_.count(store().have());
    // It is looked at again first; and nobody can bring back what must not be written.
    if (store().has_doubts() || what_.read_only) files_.wait_for(why);
    if (finished_ && !seeding()) classic_.fetch_again();
    if (std::exchange(finished_, false) && !seeding()) tell_state();
    at_turn_end();
}

void Content::on_sent(Peer& peer, std::size_t block_bytes) {
    uploads_.on_sent(peer, block_bytes, share_.now());
    if (block_bytes > 0 && first_copies_.active()) at_turn_end();
}

void Content::on_block_out(const Peer& peer, const wire::BlockRequest& block) {
    first_copies_.on_block_out(peer, block, share_.now());
}

void Content::on_turn_end() {
    if (!greets()) return;
    shown_.tell_new(downloads_.picker());
    uploads_.slots().on_turn_end(seeding(), share_.now());
    if (!ready()) return;
    first_copies_.reveal(share_.now());
    downloads_.on_turn_end(share_.now());
    if (!files_.waiting()) classic_.fill(share_.now());
    if (downloads_.picker().end_game()) on_end_game();
    if (!finished_ && seeding()) finish();
}

void Content::on_end_game() {
    store().hurry();
    if (files_.waiting() || end_game_.timer->armed()) return;
    const bool moves = std::exchange(end_game_.received, downloads_.downloaded()) != downloads_.downloaded();
    end_game_.pause = moves ? end_interval : std::clamp(end_game_.pause * 2, end_interval, end_interval_max);
    if (end_game_.pause < end_interval_max) end_game_.timer->arm(share_.now() + end_game_.pause);
}

void Content::on_shown_wrong(const Endpoint& sender) {
    classic_.on_shown_wrong(sender);
    owner_.on_shown_wrong(sender);
}

void Content::finish() {
    finished_ = true;
    classic_.stop_fetching();
    tell_state();
    owner_.on_content_complete();
}

void Content::on_tick(TimePoint now) {
    files_.on_tick(now);
    if (!greets()) return;
    uploads_.slots().on_tick(seeding(), now);
    if (!ready()) return;
    downloads_.on_tick(now);
    if (!files_.waiting()) classic_.fill(now);
    first_copies_.on_tick(now);
}

std::uint64_t Content::uploaded() const {
    return uploads_.uploaded() + classic_.sent();
}

std::uint64_t Content::bytes_left() const {
    return wanted_.bytes_left();
}

std::uint64_t Content::bytes_not_shown() const {
    const metainfo::FileLayout& layout = metainfo_->info.layout;
    std::uint64_t bytes = 0;
    for (metainfo::PieceIndex piece(0); piece.value < layout.piece_count(); ++piece)
        if (!shown_.pieces().has(piece)) bytes += layout.piece_data_size(piece);
    return bytes;
}

}  // namespace spate::engine
