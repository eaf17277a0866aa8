// PiecePicker: what becomes of requests.
#include <algorithm>

#include "base/assert.h"
#include "swarm/piece_picker.h"

namespace spate::swarm {
namespace {
constexpr std::uint32_t late_max = 8192;  // more than any peer is asked for at once
}

BlockOutcome PiecePicker::on_block(PeerKey key, const BlockRequest& request) {
    auto& peer = peer_at(key);
    if (!is_block(request)) return {};
    BlockOutcome outcome;
    outcome.asked_at = peer.requests.remove(request.piece, request.block());
    if (!outcome.asked_at) {
        if (peer.late == 0) return {};
        --peer.late;
    }
    outcome.verdict = BlockVerdict::duplicate;
    if (!needed(request)) return outcome;

    const auto slot = slot_of(request.piece);
    cancel_others(slot, request.block(), key);
    begun_.receive(slot, request.block());
    outcome.verdict = BlockVerdict::accepted;
    outcome.cancel = cancel_;
    if (begun_[slot].received == begun_[slot].block_count()) {
        pieces_[request.piece.value].phase = Phase::complete;
        outcome.piece_complete = true;
    }
    return outcome;
}

void PiecePicker::cancel(Slot slot, BlockIndex block, PeerKey key) {
    auto& peer = peers_[key.value];
    peer.requests.remove(begun_[slot].piece, block);
    peer.late = std::min(late_max, peer.late + 1);
    cancel_.push_back({key, begun_.request(slot, block)});
}

void PiecePicker::cancel_others(Slot slot, BlockIndex block, PeerKey winner) {
    cancel_.clear();
    const auto& begun = begun_[slot];
    const auto first = begun.blocks[block.value];
    if (first != BegunPieces::block_free && first != winner.value) cancel(slot, block, PeerKey(first));
    begun_.remove_extra(slot, block, winner);
    while (begun_.extras_of(slot, block) > 0) {
        const auto extra = std::ranges::find_if(
            begun_.extras(), [&](const auto& e) { return e.piece == begun.piece && e.block == block; });
        const auto other = extra->peer;
        cancel(slot, block, other);
        begun_.remove_extra(slot, block, other);
    }
}

PiecePicker::Restored PiecePicker::restore(PieceIndex piece, const std::vector<bool>& blocks) {
    const auto count = metainfo::block_count(request_bytes(piece));
    if (pieces_[piece.value].phase != Phase::fresh || begun_.count() >= begun_max || blocks.size() != count)
        return Restored::refused;
    const auto slot = begin(piece);
    begun_.set_wanted(slot, pieces_[piece.value].priority > 0);
    for (BlockIndex block; block.value < count; ++block)
        if (blocks[block.value]) begun_.receive(slot, block);
    if (begun_[slot].received < count) return Restored::begun;
    pieces_[piece.value].phase = Phase::complete;
    return Restored::complete;
}

void PiecePicker::given_up(PieceIndex piece) {
    if (pieces_[piece.value].phase == Phase::verified) return lost(piece);
    const auto slot = slot_of(piece);
    if (slot == BegunPieces::none) return;
    for (BlockIndex block; block.value < begun_[slot].block_count(); ++block) return_block(slot, block);
    begun_.set_owner(slot, BegunPieces::none);
    end_if_untouched(slot);
}

bool PiecePicker::expected(PeerKey key, const BlockRequest& request) const {
    const auto& peer = peer_at(key);
    return is_block(request) && (peer.late > 0 || peer.requests.contains(request.piece, request.block()));
}

bool PiecePicker::needed(const BlockRequest& request) const {
    if (!is_block(request)) return false;
    const auto slot = slot_of(request.piece);
    return slot != BegunPieces::none &&
           begun_[slot].blocks[request.block().value] != BegunPieces::block_received;
}

// The peer's request is out of its list already.
void PiecePicker::release(PeerKey key, PieceIndex piece, BlockIndex block) {
    const auto slot = slot_of(piece);
    if (slot == BegunPieces::none) return;
    if (begun_[slot].blocks[block.value] == key.value) {
        begun_.free(slot, block);
        const auto other = std::ranges::find_if(begun_.extras(), [&](const auto& extra) {
            return extra.piece == piece && extra.block == block && !peers_[extra.peer.value].snubbed;
        });
        if (begun_[slot].extras > 0 && other != begun_.extras().end()) {
            const auto next = other->peer;
            begun_.remove_extra(slot, block, next);
            begun_.ask(slot, block, next);
        }
    } else {
        begun_.remove_extra(slot, block, key);
    }
    end_if_untouched(slot);
}

void PiecePicker::end_if_untouched(Slot slot) {
    const auto& begun = begun_[slot];
    if (!begun.untouched() || begun.one_peer) return;
    const auto piece = begun.piece;
    begun_.end(slot);
    pieces_[piece.value].phase = Phase::fresh;
    enter_order(piece);
}

void PiecePicker::release_all(PeerKey key, Peer& peer) {
    for (std::size_t i = 0; i < peer.requests.size(); ++i)
        release(key, peer.requests[i].piece, peer.requests[i].block);
    peer.requests.clear();
    begun_.disown(key);
}

bool PiecePicker::rejected(PeerKey key, const BlockRequest& request, TimePoint now) {
    auto& peer = peer_at(key);
    if (!is_block(request)) return false;
    if (!peer.requests.remove(request.piece, request.block())) {
        if (peer.late == 0) return false;
        --peer.late;
        return true;
    }
    if (const auto slot = slot_of(request.piece);
        slot != BegunPieces::none && begun_[slot].owner == key.value)
        begun_.set_owner(slot, BegunPieces::none);
    release(key, request.piece, request.block());
    if (now < peer.avoided_until && peer.avoided != request.piece) peer.paused_until = now + reject_pause;
    peer.avoided = request.piece;
    peer.avoided_until = now + reject_pause;
    return true;
}

void PiecePicker::choked(PeerKey key) {
    auto& peer = peer_at(key);
    // Who chokes and unchokes without end does not earn the right to send what it likes.
    peer.late = std::min(late_max, peer.late + static_cast<std::uint32_t>(peer.requests.size()));
    release_all(key, peer);
}

std::uint32_t PiecePicker::outstanding(PeerKey key) const {
    return static_cast<std::uint32_t>(peer_at(key).requests.size());
}

void PiecePicker::set_speed(PeerKey key, std::uint64_t bytes_per_second, bool snubbed, Duration answer_time) {
    auto& peer = peer_at(key);
    peer.speed = bytes_per_second;
    peer.answer_time = answer_time;
    peer.snubbed = snubbed;
    if (!snubbed) return;
    begun_.disown(key);
    for (std::size_t i = 0; i < peer.requests.size(); ++i) {
        const auto& asked = peer.requests[i];
        const auto slot = slot_of(asked.piece);
        if (slot == BegunPieces::none || begun_[slot].blocks[asked.block.value] != key.value) continue;
        if (begun_.extras().size() >= duplicate_requests_max) return;
        begun_.free(slot, asked.block);
        begun_.add_extra(slot, asked.block, key);
    }
}

}  // namespace spate::swarm
