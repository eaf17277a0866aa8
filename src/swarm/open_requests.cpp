#include "swarm/open_requests.h"

#include <algorithm>

namespace spate::swarm {
namespace {
constexpr std::uint32_t late_max = 8192;  // more than any peer is asked for at once
}

std::uint32_t OpenRequests::ask_free(Slot slot, Ask& ask) {
    std::uint32_t asked = 0;
    const bool untouched = begun_[slot].untouched();
    for (auto block = begun_.next_free(slot, BlockIndex(0), ask.key); block && ask.left > 0;
         block = begun_.next_free(slot, block->next(), ask.key)) {
        begun_.ask(slot, *block, ask.key);
        ask.add(begun_.request(slot, *block));
        ++asked;
    }
    if (asked > 0 && (begun_[slot].one_peer || (untouched && ask.mode == PickMode::whole)))
        begun_.set_owner(slot, ask.key.value);
    if (asked > 0 && begun_[slot].one_peer) begun_.left_alone(slot, ask.now);
    return asked;
}

void OpenRequests::ask_duplicate(Slot slot, BlockIndex block, Ask& ask) {
    begun_.add_extra(slot, block, ask.key);
    ask.add(begun_.request(slot, block));
}

// The holder is told not to send it; if it was on its way already, it is welcome still.
void OpenRequests::take_over(Slot slot, BlockIndex block, PeerKey holder, Ask& ask) {
    cancel(slot, block, holder);
    begun_.free(slot, block);
    begun_.ask(slot, block, ask.key);
    ask.add(begun_.request(slot, block));
}

// Who needs long for the rest while this one is much faster, or has it for too long, holds it back.
bool OpenRequests::is_left_to_another(const BegunPieces::Begun& begun, const Ask& ask) const {
    if (!begun.one_peer || begun.owner == BegunPieces::none || begun.owner == ask.key.value) return false;
    if (begun.alone_since && ask.now - *begun.alone_since >= one_peer_patience) return false;
    const std::size_t rest = begun.block_count() - begun.received;
    const auto theirs = peers_[PeerKey(begun.owner)].pace.time_for(rest);
    return theirs < one_peer_time || theirs <= ask.peer.pace.time_for(rest) * 10;
}

BlockOutcome OpenRequests::on_block(PeerKey key, const BlockRequest& request) {
    auto& peer = peers_.at(key);
    if (!pieces_.is_block(request)) return {};
    BlockOutcome outcome;
    outcome.asked_at = peer.requests.remove(request.piece, request.block());
    if (!outcome.asked_at) {
        if (peer.late == 0) return {};
        --peer.late;
    }
    outcome.verdict = BlockVerdict::duplicate;
    if (!begun_.needed(request)) return outcome;

    const auto slot = begun_.slot_of(request.piece);
    cancel_others(slot, request.block(), key);
    outcome.verdict = BlockVerdict::accepted;
    outcome.cancel = cancelled_;
    outcome.piece_complete = begun_.receive(slot, request.block());
    return outcome;
}

void OpenRequests::cancel(Slot slot, BlockIndex block, PeerKey key) {
    auto& peer = peers_[key];
    peer.requests.remove(begun_[slot].piece, block);
    peer.late = std::min(late_max, peer.late + 1);
    cancelled_.push_back({key, begun_.request(slot, block)});
}

void OpenRequests::cancel_others(Slot slot, BlockIndex block, PeerKey winner) {
    cancelled_.clear();
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

bool OpenRequests::expected(PeerKey key, const BlockRequest& request) const {
    const auto& peer = peers_.at(key);
    return pieces_.is_block(request) &&
           (peer.late > 0 || peer.requests.contains(request.piece, request.block()));
}

// The peer's request is out of its list already.
void OpenRequests::release(PeerKey key, PieceIndex piece, BlockIndex block) {
    const auto slot = begun_.slot_of(piece);
    if (slot == BegunPieces::none) return;
    if (begun_[slot].blocks[block.value] == key.value) {
        begun_.free(slot, block);
        const auto other = std::ranges::find_if(begun_.extras(), [&](const auto& extra) {
            return extra.piece == piece && extra.block == block && !peers_[extra.peer].pace.snubbed;
        });
        if (begun_[slot].extras > 0 && other != begun_.extras().end()) {
            const auto next = other->peer;
            begun_.remove_extra(slot, block, next);
            begun_.ask(slot, block, next);
        }
    } else {
        begun_.remove_extra(slot, block, key);
    }
    begun_.end_if_untouched(slot);
}

void OpenRequests::release_all(PeerKey key, PickerPeer& peer) {
    for (std::size_t i = 0; i < peer.requests.size(); ++i)
        release(key, peer.requests[i].piece, peer.requests[i].block);
    peer.requests.clear();
    begun_.disown(key);
}

bool OpenRequests::rejected(PeerKey key, const BlockRequest& request, TimePoint now) {
    auto& peer = peers_.at(key);
    if (!pieces_.is_block(request)) return false;
    if (!peer.requests.remove(request.piece, request.block())) {
        if (peer.late == 0) return false;
        --peer.late;
        return true;
    }
    if (const auto slot = begun_.slot_of(request.piece);
        slot != BegunPieces::none && begun_[slot].owner == key.value)
        begun_.set_owner(slot, BegunPieces::none);
    release(key, request.piece, request.block());
    peer.rejects.add(request.piece, now);
    return true;
}

void OpenRequests::choked(PeerKey key) {
    auto& peer = peers_.at(key);
    // Who chokes and unchokes without end does not earn the right to send what it likes.
    peer.late = std::min(late_max, peer.late + static_cast<std::uint32_t>(peer.requests.size()));
    release_all(key, peer);
}

void OpenRequests::snubbed(PeerKey key) {
    const auto& owed = peers_.at(key).requests;
    begun_.disown(key);
    for (std::size_t i = 0; i < owed.size(); ++i) {
        const auto slot = begun_.slot_of(owed[i].piece);
        if (slot == BegunPieces::none || begun_[slot].blocks[owed[i].block.value] != key.value) continue;
        if (begun_.extras().size() >= duplicates_max) return;
        begun_.free(slot, owed[i].block);
        begun_.add_extra(slot, owed[i].block, key);
    }
}

}  // namespace spate::swarm
