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

}  // namespace

Content::Content(SessionShare& share, PeerTable& peers, swarm::RateLimiter& down, swarm::RateLimiter& up,
                 std::shared_ptr<const metainfo::Metainfo> metainfo, ContentOptions options,
                 std::optional<piece_store::StoredState> state, ContentOwner& owner)
    : TurnTask(share.turn),
      share_(share),
      peers_(peers),
      metainfo_(std::move(metainfo)),
      options_(std::move(options)),
      owner_(owner),
      shown_(metainfo_->info.layout.piece_count()),
      store_(share.world, share.store_resources, *this,
             {.metainfo = metainfo_,
              .folder = options_.folder,
              .wanted = wanted_files(),
              .trust = trust_of(options_.on_disk),
              .state = std::move(state),
              .preallocate = options_.preallocate,
              .overwrite = options_.overwrite,
              .keeps_state = share.resume != nullptr,
              .claimed = options_.claimed,
              .read_only = options_.read_only}),
      downloads_(*metainfo_, store_, peers, share.rng, *this),
      uploads_(metainfo_->info.layout, store_, shown_, peers,
               {.slots = share.options.upload_slots, .upload_limit = share.options.limits.up}, share.rng,
               *this),
      first_copies_(metainfo_->info.layout, downloads_.picker(), peers, share.rng, options_.super_seed),
      down_(down),
      up_(up) {
    if (options_.sequential) downloads_.stream();
    downloads_.picker().set_priorities(priorities());
}

Content::~Content() {
    *alive_ = false;
}

bool Content::wants(metainfo::FileIndex file) const {
    const metainfo::File& one = metainfo_->info.layout.file(file);
    if (options_.wants && !options_.wants(one)) return false;
    const auto selected = [&](const metainfo::IndexRange& range) {
        return range.first <= file.value && file.value <= range.last;
    };
    return options_.select_only.empty() || std::ranges::any_of(options_.select_only, selected);
}

std::vector<bool> Content::wanted_files() const {
    const auto files = metainfo_->info.layout.files();
    std::vector<bool> wanted(files.size());
    for (std::uint32_t i = 0; i < files.size(); ++i)
        wanted[i] = !files[i].attributes.pad && wants(metainfo::FileIndex(i));
    return wanted;
}

std::vector<swarm::Priority> Content::priorities() const {
    const metainfo::FileLayout& layout = metainfo_->info.layout;
    std::vector<swarm::Priority> of_pieces(layout.piece_count(), 0);
    const std::vector<bool> wanted = wanted_files();
    for (std::uint32_t i = 0; i < wanted.size(); ++i) {
        if (!wanted[i]) continue;
        const metainfo::PieceRange range = layout.pieces_of(metainfo::FileIndex(i));
        for (auto piece = range.first; piece != range.end; ++piece)
            of_pieces[piece.value] = swarm::priority_normal;
    }
    const metainfo::PieceRange part = options_.part.of(layout.piece_count());
    std::fill(of_pieces.begin(), of_pieces.begin() + part.first.value, swarm::Priority{0});
    std::fill(of_pieces.begin() + part.end.value, of_pieces.end(), swarm::Priority{0});
    return of_pieces;
}

TorrentState Content::state() const {
    if (wait_.waiting()) return TorrentState::waiting;
    if (!opened_) return TorrentState::opening;
    if (!ready()) return TorrentState::checking;
    return seeding() ? TorrentState::seeding : TorrentState::downloading;
}

void Content::open() {
    tell_state();
    try_open();
}

void Content::try_open() {
    store_.open([this, alive = alive_](Result<piece_store::Opened> opened) {
        if (*alive) on_opened(std::move(opened));
    });
}

void Content::on_opened(Result<piece_store::Opened> opened) {
    if (!opened && may_pass(opened.error())) return wait_for_disk(opened.error());
    if (!opened) return owner_.on_content_failed(opened.error());
    wait_.on_well();
    opened_ = true;
    unfinished_ = std::move(opened->unfinished);
    const metainfo::Bitfield& have = store_.have();
    for (auto piece = have.next_set({}); piece; piece = have.next_set(piece->next()))
        if (may_show(*piece)) shown_.set(*piece);
    peers_.each([&](Peer& peer) {
        if (!peer.told_have) return;
        // It was told that we have nothing, when we knew nothing.
        for (auto piece = shown_.next_set({}); piece; piece = shown_.next_set(piece->next()))
            peer.connection.send(wire::Have{*piece});
    });
    for (auto& task : std::exchange(when_open_, {})) task();
    if (opened->needs_check) return check();
    begin();
}

// Peers are welcome meanwhile, and are told what is found.
void Content::check() {
    tell_state();
    store_.check([this, alive = alive_](Result<void> checked) {
        if (!*alive) return;
        if (!checked) return owner_.on_content_failed(checked.error());
        begin();
    });
}

// What is on disk is known: the missing is asked for.
void Content::begin() {
    downloads_.start(store_.have());
    restore();
    count_bytes();
    // Nobody can bring what must not be written: it is looked at again later.
    if (options_.read_only && !seeding())
        wait_.on_trouble(
            Error::invalid("share", metainfo_->info.name,
                           "not all of it is there and right; mend or remove it", std::errc::io_error),
            share_.now());
    if (wait_.waiting()) set_paused(true);
    tell_state();
    join_classic();
    at_turn_end();
}

void Content::restore() {
    for (const auto& [piece, blocks] : std::exchange(unfinished_, {}))
        if (!store_.have().has(piece)) downloads_.restore(piece, blocks);
}

bool Content::may_show(metainfo::PieceIndex piece) const {
    const metainfo::PieceRange part = options_.part.of(metainfo_->info.layout.piece_count());
    return part.first <= piece && piece < part.end;
}

void Content::join_classic() {
    const metainfo::FileLayout& layout = metainfo_->info.layout;
    if (!options_.classic || !ClassicShare::suits(layout)) return;
    classic_share_ = std::make_unique<ClassicShare>(share_.world, share_.classic, options_.classic->name,
                                                    layout, store_, shown_, up_);
    if (seeding()) return;
    classic_sources_ =
        std::make_unique<ClassicSources>(share_.world, *options_.classic, layout, downloads_, peers_, down_,
                                         share_.rng, static_cast<ClassicSourcesOwner&>(*this));
    classic_sources_->start();
}

void Content::count_bytes() {
    const metainfo::FileLayout& layout = metainfo_->info.layout;
    bytes_wanted_ = bytes_there_ = 0;
    for (metainfo::PieceIndex piece(0); piece.value < layout.piece_count(); ++piece) {
        if (downloads_.picker().priority(piece) == 0) continue;
        const std::uint64_t size = layout.piece_data_size(piece);
        bytes_wanted_ += size;
        if (store_.have().has(piece)) bytes_there_ += size;
    }
}

void Content::peer_joined(Peer& peer) {
    downloads_.peer_joined(peer);
}

void Content::greet(Peer& peer, const hash::Sha1& swarm) {
    SPATE_ASSERT(greets());
    at_turn_end();
    if (!std::exchange(peer.told_have, true)) tell_have(peer);
    if (!first_copies_.hides_from(peer)) uploads_.offer_allowed_fast(peer, swarm);
}

void Content::tell_have(Peer& peer) {
    const metainfo::Bitfield& have = shown_;
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
    uploads_.peer_gone(peer);
    first_copies_.peer_gone(peer);
    at_turn_end();
}

void Content::on_verdicts(std::span<const piece_store::PieceVerdict> verdicts) {
    using Outcome = piece_store::PieceVerdict::Outcome;
    const bool any =
        std::ranges::any_of(verdicts, [](const auto& one) { return one.outcome == Outcome::good; });
    if (any && !wait_.waiting() && !store_in_trouble_) wait_.on_well();
    wait_.end_try();
    downloads_.on_verdicts(verdicts);
    at_turn_end();
}

void Content::on_piece_there(metainfo::PieceIndex piece) {
    if (may_show(piece) && shown_.set(piece)) new_pieces_.push_back(piece);
    if (classic_share_ && may_show(piece)) classic_share_->on_there(piece);
    if (downloads_.picker().priority(piece) > 0)
        bytes_there_ += metainfo_->info.layout.piece_data_size(piece);
}

// By a check: at the start, or of a read-only torrent that lost some.
void Content::on_found(std::span<const metainfo::PieceIndex> pieces) {
    for (const metainfo::PieceIndex piece : pieces) {
        if (ready()) {
            downloads_.picker().verified(piece);
            on_piece_there(piece);
        } else if (may_show(piece) && shown_.set(piece)) {
            new_pieces_.push_back(piece);
        }
    }
    at_turn_end();
}

void Content::on_lost(std::span<const metainfo::PieceIndex> pieces, const Error& why) {
    if (!store_.has_doubts()) owner_.on_content_warning(why.message());
    first_copies_.end();
    downloads_.on_lost(pieces);
    std::erase_if(new_pieces_, [&](metainfo::PieceIndex piece) {
        return std::ranges::find(pieces, piece) != pieces.end();
    });
    for (const metainfo::PieceIndex piece : pieces) {
        if (!shown_.reset(piece)) continue;
        peers_.each([&](Peer& peer) {
            if (peer.told_have) peer.connection.send_extended(wire::DontHave{piece});
        });
    }
    if (!ready()) return;
    if (classic_share_) classic_share_->offer_again();
    count_bytes();
    // It is looked at again first; and nobody can bring back what must not be written.
    if (store_.has_doubts() || options_.read_only) wait_for_disk(why);
    if (finished_ && !seeding() && classic_sources_) classic_sources_->start();
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
    tell_new_pieces();
    if (!ready()) return;
    first_copies_.reveal(share_.now());
    downloads_.on_turn_end(share_.now());
    if (classic_sources_ && !wait_.waiting()) classic_sources_->fill(share_.now());
    if (downloads_.picker().end_game()) store_.hurry();
    if (!finished_ && seeding()) finish();
}

void Content::tell_new_pieces() {
    if (new_pieces_.empty()) return;
    peers_.each([&](Peer& peer) {
        if (!peer.told_have) return;
        for (const metainfo::PieceIndex piece : new_pieces_)
            if (!downloads_.picker().has(peer.key, piece)) peer.connection.send(wire::Have{piece});
    });
    new_pieces_.clear();
}

void Content::on_shown_wrong(const Endpoint& sender) {
    if (classic_sources_) classic_sources_->on_shown_wrong(sender);
    owner_.on_shown_wrong(sender);
}

void Content::finish() {
    finished_ = true;
    if (classic_sources_) classic_sources_->stop();
    tell_state();
    owner_.on_content_complete();
}

void Content::on_tick(TimePoint now) {
    if (wait_.begin_try(now)) retry();
    if (!greets()) return;
    uploads_.on_tick(seeding(), now);
    if (!ready()) return;
    downloads_.on_tick(now);
    if (classic_sources_ && !wait_.waiting()) classic_sources_->fill(now);
    first_copies_.on_tick(now);
}

// --- the disk does not take what comes

void Content::wait_for_disk(const Error& error) {
    const bool before = wait_.waiting();
    wait_.on_trouble(error, share_.now());
    if (before) return;
    set_paused(true);
    tell_state();
}

void Content::disk_is_well() {
    if (store_in_trouble_ || !wait_.waiting()) return;
    wait_.on_well();
    set_paused(false);
    if (!ready()) return;
    tell_state();
    at_turn_end();
}

void Content::on_disk_trouble(const Error& error) {
    store_in_trouble_ = true;
    wait_for_disk(error);
}

void Content::on_disk_well() {
    store_in_trouble_ = false;
    disk_is_well();
}

void Content::retry() {
    if (!greets()) return try_open();
    owner_.on_content_retry();
    if (store_.retry() || !ready()) return;
    if (store_.has_doubts() || options_.read_only) return check_again();
    if (seeding()) return;  // its end could not be saved: the owner tries that
    wait_.go_on();
    set_paused(false);
    tell_state();
    at_turn_end();
}

// What was lost may be there after all, or again.
void Content::check_again() {
    store_.check([this, alive = alive_](const Result<void>&) {
        if (!*alive) return;
        wait_.end_try();
        // What is missing still is fetched, or comes back as it went.
        if (seeding() || !options_.read_only) return disk_is_well();
        if (wait_.waiting()) wait_.on_trouble(*wait_.why(), share_.now());
    });
}

void Content::when_open(std::move_only_function<void()> task) {
    if (greets()) return task();
    when_open_.push_back(std::move(task));
}

void Content::move_to(std::string folder, Done done) {
    when_open([this, folder = std::move(folder), done = std::move(done)]() mutable {
        store_.move_to(std::move(folder), std::move(done));
    });
}

void Content::rename_file(metainfo::FileIndex file, std::string path, Done done) {
    when_open([this, file, path = std::move(path), done = std::move(done)]() mutable {
        store_.rename_file(file, std::move(path), std::move(done));
    });
}

void Content::set_paused(bool paused) {
    downloads_.pause(paused);
}

std::uint64_t Content::uploaded() const {
    return uploads_.uploaded() + (classic_share_ ? classic_share_->sent() : 0);
}

std::uint64_t Content::bytes_left() const {
    return bytes_wanted_ - bytes_there_;
}

void Content::fill_status(TorrentStatus& status, TimePoint now) const {
    const metainfo::Bitfield& have = store_.have();
    if (wait_.waiting()) {
        status.error = wait_.why();
        status.retry_in = std::max(Duration{}, wait_.retry_at() - now);
    }
    status.bytes_total = bytes_wanted_;
    status.bytes_have = bytes_there_;
    status.bytes_checked = store_.bytes_checked();
    status.downloaded = downloads_.downloaded();
    status.uploaded = uploaded();
    status.wasted = downloads_.wasted();
    status.rate_down = downloads_.rate(now);
    status.rate_up = uploads_.rate(now);
    status.pieces_total = have.size();
    status.pieces_have = have.count();
    status.all_available = ready() && downloads_.picker().all_available();
    status.seeds = downloads_.picker().seeds();
    if (status.rate_down > 0 && bytes_left() > 0)
        status.eta = std::chrono::seconds(bytes_left() / status.rate_down + 1);
    fill_bar(status);
}

void Content::fill_bar(TorrentStatus& status) const {
    const metainfo::Bitfield& have = store_.have();
    const std::size_t cells = std::min<std::size_t>(TorrentStatus::bar_cells, have.size());
    status.bar.resize(cells);
    for (std::size_t cell = 0; cell < cells; ++cell) {
        const auto begin = static_cast<std::uint32_t>(cell * have.size() / cells);
        const auto end = static_cast<std::uint32_t>((cell + 1) * have.size() / cells);
        std::uint64_t there = 0;
        for (std::uint32_t i = begin; i < end; ++i) there += have.has(metainfo::PieceIndex(i)) ? 1U : 0U;
        status.bar[cell] = static_cast<std::uint8_t>(there * 255 / (end - begin));
    }
}

}  // namespace spate::engine
