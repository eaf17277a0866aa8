#include "engine/downloads.h"

#include <algorithm>
#include <utility>

namespace spate::engine {
namespace {

swarm::BlockRequest to_swarm(const wire::BlockRequest& block) {
    return {block.piece, block.offset, block.length};
}
wire::BlockRequest to_wire(const swarm::BlockRequest& block) {
    return {block.piece, block.offset, block.length};
}

}  // namespace

Downloads::Downloads(const metainfo::Metainfo& metainfo, piece_store::PieceStore& store, PeerTable& peers,
                     Rng& rng, DownloadsOwner& owner)
    : layout_(metainfo.info.layout),
      store_(store),
      peers_(peers),
      rng_(rng),
      owner_(owner),
      picker_(layout_),
      wrong_(metainfo, peers, picker_),
      shares_(layout_, peers, picker_, received_.rate) {}

void Downloads::stream() {
    picker_.set_sequential(true);
    stream_.emplace(layout_);
}

void Downloads::peer_joined(Peer& peer) {
    picker_.peer_joined(peer.key);
    // Named before the number of pieces was known.
    std::erase_if(peer.down.allowed_fast,
                  [&](metainfo::PieceIndex piece) { return piece.value >= layout_.piece_count(); });
}

void Downloads::start(const metainfo::Bitfield& have) {
    picker_.set_have(have);
    started_ = true;
    stale_ = true;
}

void Downloads::restore(metainfo::PieceIndex piece, const std::vector<bool>& blocks) {
    if (!picker_.restore(piece, blocks)) store_.discard(piece);
}

void Downloads::pause(bool paused) {
    paused_ = paused;
    stale_ = true;
}

void Downloads::peer_gone(Peer& peer) {
    store_.forget(piece_store::Source(peer.number));
    picker_.peer_gone(peer.key);
    wrong_.peer_gone(peer);
    stale_ = true;
}

void Downloads::source_gone(const BlockSource& source) {
    store_.forget(source.source);
    picker_.peer_gone(source.key);
    stale_ = true;
}

void Downloads::on_bitfield(Peer& peer, const metainfo::Bitfield& has) {
    picker_.peer_bitfield(peer.key, has);
    update_interest(peer);
}

void Downloads::on_have_all(Peer& peer) {
    picker_.peer_has_all(peer.key);
    update_interest(peer);
}

void Downloads::on_have(Peer& peer, metainfo::PieceIndex piece) {
    picker_.peer_has(peer.key, piece);
    if (!peer.down.interested) update_interest(peer);
}

void Downloads::on_dont_have(Peer& peer, metainfo::PieceIndex piece) {
    picker_.peer_lacks(peer.key, piece);
    update_interest(peer);
}

void Downloads::update_interest(Peer& peer) {
    const bool interesting = started_ && picker_.interesting(peer.key);
    if (interesting == peer.down.interested) return;
    peer.down.interested = interesting;
    if (interesting)
        peer.connection.send(wire::Interested{});
    else
        peer.connection.send(wire::NotInterested{});
}

void Downloads::on_choke(Peer& peer) {
    peer.down.choked = true;
    // With the fast extension each request is answered or rejected.
    if (!peer.connection.wire().fast()) picker_.choked(peer.key);
    stale_ = true;
}

void Downloads::on_allowed_fast(Peer& peer, metainfo::PieceIndex piece) {
    peer.down.allowed_fast.push_back(piece);
}

void Downloads::on_reject(Peer& peer, const wire::BlockRequest& request, TimePoint now) {
    const bool asked = picker_.rejected(peer.key, to_swarm(request), now);
    if (!asked && ++peer.down.false_rejects > false_rejects_max)
        return owner_.close_peer(peer, wire::CloseReason::too_many_requests);
    if (peer.down.choked) std::erase(peer.down.allowed_fast, request.piece);
    stale_ = true;
}

void Downloads::fill(Peer& peer, TimePoint now) {
    if (!peer.down.interested || !started_ || paused_) return;
    if (peer.down.choked && peer.down.allowed_fast.empty()) return;
    const std::uint32_t outstanding = picker_.outstanding(peer.key);
    if (peer.down.snubbed && outstanding > 0) return;  // it owes us enough
    const std::uint32_t window = shares_.window_of(peer, now);
    if (outstanding * 4 >= window * 3) return;
    const auto mode = swarm::pick_mode(peer.down.window.rate(), layout_.piece_length());
    picked_.clear();
    if (peer.down.choked)
        picker_.pick_of(peer.down.allowed_fast, peer.key, window - outstanding, now, picked_);
    else
        cancel(picker_.pick(peer.key, window - outstanding, mode, now, rng_, picked_));
    if (picked_.empty()) return;
    if (outstanding == 0) peer.down.window.on_first_request(now);
    wire::Buffer& out = peer.connection.messages();
    for (const swarm::BlockRequest& block : picked_) wire::append(out, wire::Request{to_wire(block)});
    if (picker_.end_game()) owner_.on_all_asked();
}

void Downloads::fill(const BlockSource& source, std::uint32_t wanted, TimePoint now,
                     std::vector<swarm::BlockRequest>& out) {
    cancel(picker_.pick(source.key, wanted, swarm::PickMode::spread, now, rng_, out));
}

void Downloads::on_block_bytes(Peer& peer, const wire::BlockBytes& bytes, TimePoint now) {
    DownloadLink& down = peer.down;
    if (bytes.first()) begin_block(peer, bytes.block);
    if (peer.connection.closed()) return;
    received_.bytes += bytes.bytes.size();
    down.bytes += bytes.bytes.size();
    // What nobody needs is no merit.
    if (down.taking) {
        down.rate.add(bytes.bytes.size(), now);
        received_.rate.add(bytes.bytes.size(), now);
        const auto taken = store_.write(piece_store::Source(peer.number), bytes.block.piece,
                                        bytes.block.offset + bytes.at, bytes.bytes);
        down.taking = taken != piece_store::PieceStore::Taken::dropped;
    }
    if (bytes.complete()) end_block(peer, bytes.block, now);
}

void Downloads::begin_block(Peer& peer, const wire::BlockRequest& request) {
    const swarm::BlockRequest block = to_swarm(request);
    const bool expected = picker_.expected(peer.key, block);
    peer.down.taking = expected && picker_.needed(block);
    if (!expected && ++peer.down.unasked > unasked_max)
        owner_.close_peer(peer, wire::CloseReason::unasked_block);
}

void Downloads::end_block(Peer& peer, const wire::BlockRequest& request, TimePoint now) {
    const swarm::BlockRequest block = to_swarm(request);
    const swarm::BlockOutcome outcome = settle(peer.key, block, peer.down.taking, now);
    if (outcome.asked_at) peer.down.window.on_block(block.length, *outcome.asked_at, now);
    if (picker_.outstanding(peer.key) == 0) on_all_answered(peer);
    if (outcome.verdict != swarm::BlockVerdict::accepted) return;
    accept(block, peer.connection.remote(), outcome);
}

void Downloads::on_block(const BlockSource& source, const swarm::BlockRequest& block, Bytes bytes,
                         TimePoint now) {
    received_.bytes += bytes.size();
    received_.rate.add(bytes.size(), now);
    const bool wanted = picker_.expected(source.key, block) && picker_.needed(block);
    const bool taken = wanted && store_.write(source.source, block.piece, block.offset, bytes) !=
                                     piece_store::PieceStore::Taken::dropped;
    const swarm::BlockOutcome outcome = settle(source.key, block, taken, now);
    if (outcome.verdict == swarm::BlockVerdict::accepted) accept(block, source.endpoint, outcome);
}

swarm::BlockOutcome Downloads::settle(swarm::PeerKey key, const swarm::BlockRequest& block, bool taken,
                                      TimePoint now) {
    if (!taken) received_.wasted += block.length;
    // What is needed and the store has no room for was not received: it is asked for again.
    if (!taken && picker_.expected(key, block) && picker_.needed(block)) {
        picker_.rejected(key, block, now);
        return {.verdict = swarm::BlockVerdict::duplicate};
    }
    const swarm::BlockOutcome outcome = picker_.on_block(key, block);
    // Given up while it came, with all of its piece: the store must not know more of it than the picker.
    if (taken && outcome.verdict != swarm::BlockVerdict::accepted) store_.discard(block.piece);
    return outcome;
}

// It may owe nothing at any tick, and is the one to help with what others owe.
void Downloads::on_all_answered(Peer& peer) {
    peer.down.window.on_all_answered();
    picker_.set_speed(peer.key, peer.down.window.rate(), false, peer.down.window.answer_time());
}

void Downloads::accept(const swarm::BlockRequest& block, const Endpoint& from,
                       const swarm::BlockOutcome& outcome) {
    wrong_.received(block, from);
    cancel(outcome.cancel);
    if (outcome.piece_complete) store_.verify(block.piece);
}

void Downloads::cancel(std::span<const swarm::PeerBlock> blocks) {
    for (const swarm::PeerBlock& one : blocks)
        if (Peer* peer = peers_.find(one.peer)) peer->connection.send(wire::Cancel{to_wire(one.request)});
    if (!blocks.empty()) stale_ = true;
}

void Downloads::on_verdicts(std::span<const piece_store::PieceVerdict> verdicts) {
    for (const piece_store::PieceVerdict& verdict : verdicts) on_verdict(verdict);
    stale_ = true;
}

void Downloads::on_verdict(const piece_store::PieceVerdict& verdict) {
    const metainfo::PieceIndex piece = verdict.piece;
    switch (verdict.outcome) {
        case piece_store::PieceVerdict::Outcome::good:
            blame(wrong_.on_right(verdict));
            picker_.verified(piece);
            return owner_.on_piece_there(piece);
        case piece_store::PieceVerdict::Outcome::bad:
            return on_bad_piece(verdict);
        case piece_store::PieceVerdict::Outcome::error:
            picker_.given_up(piece);
            wrong_.forget(piece);
            return owner_.on_disk_error(*verdict.error);
    }
}

void Downloads::on_bad_piece(const piece_store::PieceVerdict& verdict) {
    const metainfo::PieceIndex piece = verdict.piece;
    received_.wasted += layout_.piece_size(piece);
    picker_.failed(piece);
    blame(wrong_.on_wrong(verdict));
}

void Downloads::on_hashes(Peer& peer, const wire::Hashes& message) {
    const auto wrong = wrong_.on_hashes(peer, message);
    if (!wrong) return owner_.close_peer(peer, wire::CloseReason::wrong_hashes);
    blame(*wrong);
}

void Downloads::on_hash_reject(Peer& peer, const wire::HashReject& message) {
    wrong_.on_reject(peer, message);
    stale_ = true;
}

void Downloads::blame(const WrongBlocks::Senders& wrong) {
    for (const Endpoint& sender : wrong) owner_.on_shown_wrong(sender);
}

void Downloads::on_found(metainfo::PieceIndex piece) {
    picker_.verified(piece);
    wrong_.forget(piece);
}

void Downloads::on_lost(std::span<const metainfo::PieceIndex> pieces) {
    for (const metainfo::PieceIndex piece : pieces) picker_.lost(piece);
    stale_ = true;
}

void Downloads::on_turn_end(TimePoint now) {
    if (!std::exchange(stale_, false)) return;
    wrong_.ask(now);
    peers_.each([&](Peer& peer) { update_interest(peer); });
    fill_all(now);
}

// Those that have answered before first: what is left in the end is not for who never does.
void Downloads::fill_all(TimePoint now) {
    for (const bool answered : {true, false})
        peers_.each([&](Peer& peer) {
            if ((peer.down.window.rate() > 0) == answered) fill(peer, now);
        });
}

void Downloads::on_tick(TimePoint now) {
    wrong_.ask(now);
    if (stream_ && started_) stream_->update(picker_, received_.rate.rate(now), now);
    peers_.each([&](Peer& peer) {
        const bool waiting = picker_.outstanding(peer.key) > 0;
        const bool snubbed = waiting && peer.down.window.snubbed(now);
        if (waiting || snubbed != peer.down.snubbed)
            picker_.set_speed(peer.key, peer.down.window.rate(), snubbed, peer.down.window.answer_time());
        peer.down.snubbed = snubbed;
    });
    fill_all(now);
}

}  // namespace spate::engine
