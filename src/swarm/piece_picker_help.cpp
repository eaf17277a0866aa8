// PiecePicker: blocks that were asked of others already: deadlines, the end game.
#include <algorithm>
#include <functional>

#include "swarm/piece_picker_asking.h"

namespace spate::swarm {

Duration PiecePicker::time_for(const Peer& peer, std::size_t blocks) {
    constexpr std::uint64_t least = metainfo::block_size;  // a second a block for who has shown nothing yet
    constexpr std::uint64_t second = 1'000'000'000;
    const auto of_one = metainfo::block_size * second / std::max(peer.speed, least);
    return Duration(static_cast<Duration::rep>(of_one * blocks));
}

// What the peer owes for much longer than its answers take is believed to need as long again; nothing: it is
// in time. In the end, who never answered has twice the grace at most, if this peer did.
Duration PiecePicker::overdue(const Peer& peer, std::size_t number, const Ask& ask) {
    constexpr Duration grace = std::chrono::seconds(2);
    const auto queue = time_for(peer, peer.requests.size());
    const auto unknown = std::min(queue, ask.last_blocks && ask.peer.speed > 0 ? grace / 4 : grace);
    const auto usual = peer.speed == 0 ? unknown : std::max(queue, peer.answer_time);
    const auto owed = ask.now - peer.requests[number].at;
    return owed > usual * 4 + grace ? owed : Duration{};
}

// How long one more block will take it.
Duration PiecePicker::answer_from(const Peer& peer) {
    return std::max(time_for(peer, peer.requests.size() + 1), peer.answer_time);
}

// When the last of what the peer owes is likely to come; nothing is known of one that never answered.
Duration PiecePicker::lateness(const Peer& peer, const Ask& ask) {
    if (peer.snubbed) return ask.now - peer.requests[0].at;
    return std::max(peer.speed == 0 ? Duration{} : time_for(peer, peer.requests.size()),
                    overdue(peer, 0, ask));
}

bool PiecePicker::may_help(Slot slot, BlockIndex block, const Ask& ask) const {
    const auto& begun = begun_[slot];
    const auto state = begun.blocks[block.value];
    if (state == BegunPieces::block_received || state == BegunPieces::block_free || state == ask.key.value ||
        !begun.wanted || !may_ask(ask, begun.piece))
        return false;
    return !begun.one_peer || begun.owner == ask.key.value || is_held_back(begun, ask);
}

bool PiecePicker::ask_duplicate(Slot slot, BlockIndex block, Ask& ask) {
    if (!may_help(slot, block, ask)) return false;
    // Who never answered anything leaves a place to one that did.
    const auto most = ask.peer.speed == 0 ? duplicates_max - 1 : duplicates_max;
    if (begun_.extras().size() >= duplicate_requests_max || begun_.has_extra(slot, block, ask.key) ||
        begun_.extras_of(slot, block) >= most)
        return false;
    begun_.add_extra(slot, block, ask.key);
    ask.peer.requests.add({begun_[slot].piece, block, ask.now});
    ask.out.push_back(begun_.request(slot, block));
    --ask.left;
    return true;
}

// The holder is told not to send it; if it was on its way already, it is welcome still.
void PiecePicker::take_over(Slot slot, BlockIndex block, PeerKey holder, Ask& ask) {
    if (!may_help(slot, block, ask) || begun_[slot].blocks[block.value] != holder.value ||
        begun_.extras_of(slot, block) > 0)
        return;
    cancel(slot, block, holder);
    begun_.free(slot, block);
    begun_.ask(slot, block, ask.key);
    ask.peer.requests.add({begun_[slot].piece, block, ask.now});
    ask.out.push_back(begun_.request(slot, block));
    --ask.left;
}

void PiecePicker::ask_deadlines(Ask& ask) {
    constexpr std::size_t pieces_hurried = 4;
    for (std::size_t i = 0; i < deadlines_.size() && ask.left > 0; ++i) {
        const auto [deadline, piece] = deadlines_[i];
        ask_piece(piece, ask);
        const auto slot = slot_of(piece);
        if (i >= pieces_hurried || slot == BegunPieces::none) continue;
        for (BlockIndex block; block.value < begun_[slot].block_count() && ask.left > 0; ++block) {
            const auto holder = begun_[slot].blocks[block.value];
            if (holder >= peers_.size() || holder == ask.key.value) continue;
            const auto number = peers_[holder].requests.find(piece, block);
            help(PeerKey(holder), number, std::max(deadline - ask.now, answer_from(ask.peer) * 2), ask);
        }
    }
}

// What a block must be late by for this peer to bring it instead.
Duration PiecePicker::late_enough(const Ask& ask) {
    const auto ours = answer_from(ask.peer);
    return ask.last_blocks ? ours * 2 + std::chrono::milliseconds(50) : ours * 10 + std::chrono::seconds(1);
}

// The last blocks of the slowest peers' queues, if this peer brings them much sooner.
void PiecePicker::help_others(Ask& ask) {
    constexpr Duration pause = std::chrono::milliseconds(100);
    constexpr std::size_t holders_tried = 8;
    if (ask.now < ask.peer.duplicates_at || ask.peer.snubbed) return;
    ask.last_blocks = end_game();
    const auto least = late_enough(ask);
    holders_.clear();
    for (std::uint32_t i = 0; i < peers_.size(); ++i) {
        const auto& peer = peers_[i];
        if (i == ask.key.value || peer.requests.empty()) continue;
        const auto late = lateness(peer, ask);
        if (peer.snubbed || late > least) holders_.push_back({late, PeerKey(i)});
    }
    const auto slowest = std::min(holders_tried, holders_.size());
    std::ranges::partial_sort(holders_, holders_.begin() + static_cast<std::ptrdiff_t>(slowest),
                              std::ranges::greater{}, &Holder::late);
    const auto left = ask.left;
    for (std::size_t i = 0; i < slowest && ask.left > 0; ++i) help_from_end(holders_[i].peer, ask);
    if (ask.left == left) ask.peer.duplicates_at = ask.now + pause;
}

void PiecePicker::help_from_end(PeerKey holder, Ask& ask) {
    const auto least = late_enough(ask);
    std::size_t scans = scan_max / 4;
    for (auto i = peers_[holder.value].requests.size(); i > 0 && scans > 0 && ask.left > 0; --i, --scans)
        help(holder, i - 1, least, ask);
}

// With what the holder owes, if it takes longer than `least`. Nothing is known of a peer that has not
// answered yet: what it owes is in time until it is overdue.
void PiecePicker::help(PeerKey key, std::size_t number, Duration least, Ask& ask) {
    const auto& holder = peers_[key.value];
    const auto [piece, block, at] = holder.requests[number];
    const auto slot = slot_of(piece);
    if (slot == BegunPieces::none) return;
    if (holder.snubbed)  // what could not be kept apart as an extra
        take_over(slot, block, key, ask);
    else if (overdue(holder, number, ask) > least)
        ask_duplicate(slot, block, ask);
    else if (holder.speed > 0 && time_for(holder, number + 1) > least)
        take_over(slot, block, key, ask);
}

}  // namespace spate::swarm
