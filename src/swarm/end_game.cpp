#include "swarm/end_game.h"

#include <algorithm>
#include <chrono>
#include <functional>

namespace spate::swarm {

// What the peer owes for much longer than its answers take is believed to need as long again; nothing: it is
// in time. In the end, who never answered has twice the grace at most, if this peer did.
Duration EndGame::overdue(const PickerPeer& peer, std::size_t number, const Ask& ask) {
    constexpr Duration grace = std::chrono::seconds(2);
    const auto queue = peer.pace.time_for(peer.requests.size());
    const auto unknown = std::min(queue, ask.last_blocks && ask.peer.pace.speed > 0 ? grace / 4 : grace);
    const auto usual = peer.pace.speed == 0 ? unknown : std::max(queue, peer.pace.answer_time);
    const auto owed = ask.now - peer.requests[number].at;
    return owed > usual * 4 + grace ? owed : Duration{};
}

// When the last of what the peer owes is likely to come; nothing is known of one that never answered.
Duration EndGame::lateness(const PickerPeer& peer, const Ask& ask) {
    if (peer.pace.snubbed) return ask.now - peer.requests[0].at;
    return std::max(peer.pace.speed == 0 ? Duration{} : peer.pace.time_for(peer.requests.size()),
                    overdue(peer, 0, ask));
}

// What a block must be late by for this peer to bring it instead.
Duration EndGame::late_enough(const Ask& ask) {
    const auto ours = ask.peer.answer_from();
    return ask.last_blocks ? ours * 2 + std::chrono::milliseconds(50) : ours * 10 + std::chrono::seconds(1);
}

void EndGame::hurry(PieceIndex piece, TimePoint deadline, Ask& ask) {
    const auto slot = begun_.slot_of(piece);
    if (slot == BegunPieces::none) return;
    for (BlockIndex block; block.value < begun_[slot].block_count() && ask.left > 0; ++block) {
        const auto holder = begun_[slot].blocks[block.value];
        if (holder >= peers_.size() || holder == ask.key.value) continue;
        const auto number = peers_[PeerKey(holder)].requests.find(piece, block);
        help(PeerKey(holder), number, std::max(deadline - ask.now, ask.peer.answer_from() * 2), ask);
    }
}

void EndGame::help_others(Ask& ask) {
    constexpr Duration pause = std::chrono::milliseconds(100);
    constexpr std::size_t holders_tried = 8;
    if (ask.now < ask.peer.helps_at || ask.peer.pace.snubbed) return;
    ask.last_blocks = begun_.all_asked();
    find_holders(ask);
    const auto slowest = std::min(holders_tried, holders_.size());
    std::ranges::partial_sort(holders_, holders_.begin() + static_cast<std::ptrdiff_t>(slowest),
                              std::ranges::greater{}, &Holder::late);
    const auto left = ask.left;
    for (std::size_t i = 0; i < slowest && ask.left > 0; ++i) help_from_end(holders_[i].peer, ask);
    if (ask.left == left) ask.peer.helps_at = ask.now + pause;
}

void EndGame::find_holders(const Ask& ask) {
    const auto least = late_enough(ask);
    holders_.clear();
    for (std::uint32_t i = 0; i < peers_.size(); ++i) {
        const auto& peer = peers_[PeerKey(i)];
        if (i == ask.key.value || peer.requests.empty()) continue;
        const auto late = lateness(peer, ask);
        if (peer.pace.snubbed || late > least) holders_.push_back({late, PeerKey(i)});
    }
}

void EndGame::help_from_end(PeerKey holder, Ask& ask) {
    constexpr std::size_t scans_max = 256;
    const auto least = late_enough(ask);
    auto scans = scans_max;
    for (auto i = peers_[holder].requests.size(); i > 0 && scans > 0 && ask.left > 0; --i, --scans)
        help(holder, i - 1, least, ask);
}

// With what the holder owes, if it takes longer than `least`. Nothing is known of a peer that has not
// answered yet: what it owes is in time until it is overdue.
void EndGame::help(PeerKey key, std::size_t number, Duration least, Ask& ask) {
    const auto& holder = peers_[key];
    const auto [piece, block, at] = holder.requests[number];
    const auto slot = begun_.slot_of(piece);
    if (slot == BegunPieces::none) return;
    if (holder.pace.snubbed)  // what could not be kept apart as an extra
        take_over(slot, block, key, ask);
    else if (overdue(holder, number, ask) > least)
        ask_duplicate(slot, block, ask);
    else if (holder.pace.speed > 0 && holder.pace.time_for(number + 1) > least)
        take_over(slot, block, key, ask);
}

bool EndGame::may_help(Slot slot, BlockIndex block, const Ask& ask) const {
    const auto& begun = begun_[slot];
    const auto state = begun.blocks[block.value];
    if (state == BegunPieces::block_received || state == BegunPieces::block_free || state == ask.key.value ||
        !begun.wanted || !ask.may(begun.piece))
        return false;
    return !begun.one_peer || (begun.owner != BegunPieces::none && !requests_.is_left_to_another(begun, ask));
}

void EndGame::ask_duplicate(Slot slot, BlockIndex block, Ask& ask) {
    // Who never answered anything leaves a place to one that did.
    const auto most = ask.peer.pace.speed == 0 ? duplicates_of_block - 1 : duplicates_of_block;
    if (!may_help(slot, block, ask) || begun_.extras().size() >= OpenRequests::duplicates_max ||
        begun_.has_extra(slot, block, ask.key) || begun_.extras_of(slot, block) >= most)
        return;
    requests_.ask_duplicate(slot, block, ask);
}

void EndGame::take_over(Slot slot, BlockIndex block, PeerKey holder, Ask& ask) {
    if (may_help(slot, block, ask) && begun_[slot].blocks[block.value] == holder.value &&
        begun_.extras_of(slot, block) == 0)
        requests_.take_over(slot, block, holder, ask);
}

}  // namespace spate::swarm
