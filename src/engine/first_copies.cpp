#include "engine/first_copies.h"

#include <algorithm>

namespace spate::engine {

FirstCopies::FirstCopies(const metainfo::FileLayout& layout, const swarm::PiecePicker& picker,
                         PeerTable& peers, SessionShare& share, SuperSeed when)
    : layout_(layout),
      picker_(picker),
      peers_(peers),
      share_(share),
      when_(when),
      others_timer_(share.world.reactor.make_timer([this] { show_others(); })) {}

bool FirstCopies::take(const Peer& peer, TimePoint now) {
    if (when_ == SuperSeed::off || ended_ || !swarm::SuperSeeding::suits(layout_.piece_count())) return false;
    if (when_ == SuperSeed::automatic && others_seed_) return false;
    if (picker_.count_of(peer.key) == layout_.piece_count()) {
        end();
        return false;
    }
    if (!policy_) policy_.emplace(layout_, share_.rng);
    if (peer.key.value >= members_.size()) members_.resize(peer.key.value + 1);
    member(peer) = {.here = true, .shown_all = false, .asked_at = now, .took_at = now};
    policy_->peer_joined(peer.key);
    if (is_lone()) {
        policy_->set_window(peer.key, lone_window);
    } else {
        peers_.each([&](const Peer& other) {
            if (hides_from(other)) policy_->set_window(other.key, other.up.rate.rate(now) / 2);
        });
    }
    if (picker_.count_of(peer.key) > 0) on_have_many(peer);
    return true;
}

void FirstCopies::peer_gone(const Peer& peer) {
    if (hides_from(peer)) {
        members_[peer.key.value].here = false;
        policy_->peer_gone(peer.key);
    }
    if (peers_.size() > 0) return;
    policy_.reset();
    members_.clear();
    ended_ = false;
}

void FirstCopies::on_have(const Peer& peer, metainfo::PieceIndex piece) {
    if (!policy_) return;
    if (picker_.count_of(peer.key) == layout_.piece_count()) return end();
    if (hides_from(peer)) policy_->peer_has(peer.key, piece);
}

void FirstCopies::on_have_many(const Peer& peer) {
    if (!policy_) return;
    if (picker_.count_of(peer.key) == layout_.piece_count()) return end();
    if (!hides_from(peer)) return;
    for (metainfo::PieceIndex piece; piece.value < layout_.piece_count(); ++piece)
        if (picker_.has(peer.key, piece)) policy_->peer_has(peer.key, piece);
}

void FirstCopies::on_block_out(const Peer& peer, const wire::BlockRequest& block, TimePoint now) {
    if (!hides_from(peer)) return;
    const bool first = policy_->on_sent(peer.key, block.piece, block.length, now) > 0;
    if (first) member(peer).took_at = member(peer).asked_at = now;
    if (layout_.files().size() > 1) expect_more(peer, now);
}

void FirstCopies::on_block_back(const Peer& peer, const wire::BlockRequest& block) {
    if (hides_from(peer)) policy_->on_taken_back(peer.key, block.piece, block.length);
}

void FirstCopies::on_seed_count(std::uint32_t seeds) {
    others_seed_ = seeds > 1;
    if (others_seed_ && policy_ && when_ == SuperSeed::automatic) end();
}

bool FirstCopies::is_lone() const {
    return std::ranges::count_if(members_, &Member::here) == 1;
}

std::size_t FirstCopies::backlog_of(const Peer& peer) {
    return peer.connection.output_size() - peer.connection.messages_waiting();
}

// Nothing that was asked for waits to be sent.
bool FirstCopies::is_dry() const {
    bool dry = true;
    peers_.each([&](const Peer& peer) {
        if (!hides_from(peer) || members_[peer.key.value].shown_all) return;
        if (backlog_of(peer) > 0 || !peer.up.requests.empty()) dry = false;
    });
    return dry;
}

void FirstCopies::reveal(TimePoint now) {
    if (!policy_) return;
    peers_.each([&](const Peer& peer) {
        if (!hides_from(peer)) return;
        policy_->set_backlog(peer.key, backlog_of(peer));
        policy_->set_served(peer.key, is_served(peer));
        if (peer.up.interested && peer.up.bytes == 0) policy_->wants_blindly(peer.key);
    });
    measure(now);
    if (is_dry()) policy_->on_dry();
    std::vector<swarm::RevealedPiece> revealed;
    policy_->reveal(now, revealed);
    show(now, revealed);
    if (policy_->finished()) end();
}

void FirstCopies::show(TimePoint now, const std::vector<swarm::RevealedPiece>& pieces) {
    for (const swarm::RevealedPiece& one : pieces) {
        Peer* peer = peers_.find(one.peer);
        if (peer == nullptr) continue;
        peer->connection.send(wire::Have{one.piece});
        if (layout_.files().size() > 1 && member(*peer).others_at == never) expect_more(*peer, now);
    }
}

void FirstCopies::expect_more(const Peer& peer, TimePoint now) {
    member(peer).others_at = now + others_time;
    if (!others_timer_->armed()) others_timer_->arm(now + others_time);
}

bool FirstCopies::lets_lie(const Peer& peer) const {
    return hides_from(peer) && !members_[peer.key.value].shown_all && policy_->unsent(peer.key) > 0 &&
           !peer.up.interested;
}

// While our link is busy it may carry the news to them still.
void FirstCopies::show_others() {
    if (!policy_) return;
    const TimePoint now = share_.now();
    const bool dry = is_dry();
    std::vector<swarm::RevealedPiece> others;
    TimePoint next = never;
    peers_.each([&](const Peer& peer) {
        if (!hides_from(peer)) return;
        TimePoint& at = member(peer).others_at;
        if (!lets_lie(peer)) {
            at = never;
        } else if (now >= at) {
            if (dry) policy_->show_others(peer.key, now, others);
            at = now + others_time;
        }
        next = std::min(next, at);
    });
    if (next != never) others_timer_->arm(next);
    show(now, others);
    reveal(now);
}

// What goes ahead of our link grows with its rate, from the first moments on: a second of waiting for the
// next tick would leave it half idle.
void FirstCopies::measure(TimePoint now) {
    if (now - measured_at_ < measure_interval) return;
    measured_at_ = now;
    std::uint64_t rate = 0;
    peers_.each([&](const Peer& peer) {
        if (hides_from(peer)) rate += peer.up.rate.rate(now);
    });
    policy_->set_ahead(rate);
}

void FirstCopies::on_tick(TimePoint now) {
    if (!policy_) return;
    const bool lone = is_lone();
    std::size_t told = 0;
    peers_.each([&](Peer& peer) {
        if (hides_from(peer) && look_at(peer, lone, now) && told++ < told_max) show_all(peer);
    });
    policy_->fade();
    reveal(now);
}

// Not who was told of everything, wants nothing at all, reads nothing, or is interested and has no slot.
bool FirstCopies::is_served(const Peer& peer) const {
    const bool refused = peer.upload_only || peer.up.stall.lasts() || (peer.up.interested && peer.up.choked);
    return !members_[peer.key.value].shown_all && !refused;
}

bool FirstCopies::look_at(Peer& peer, bool lone, TimePoint now) {
    Member& it = member(peer);
    policy_->set_window(peer.key, lone ? lone_window : peer.up.rate.rate(now) / 2);
    policy_->set_served(peer.key, is_served(peer));
    const bool waits_for_us = policy_->unsent(peer.key) == 0;
    if (waits_for_us) it.took_at = now;
    if (waits_for_us || !peer.up.requests.empty() || peer.connection.output_size() > 0) it.asked_at = now;
    // Such as a tracker's probe, which wants pieces of its own choice.
    const Duration idle = peer.up.interested && peer.up.bytes == 0 ? fresh_max : idle_max;
    return !it.shown_all && (now - it.asked_at >= idle || now - it.took_at >= stuck_max);
}

void FirstCopies::show_all(Peer& peer) {
    member(peer).shown_all = true;
    std::vector<metainfo::PieceIndex> rest;
    policy_->show_all(peer.key, rest);
    for (const metainfo::PieceIndex piece : rest) peer.connection.send(wire::Have{piece});
}

void FirstCopies::end() {
    ended_ = true;
    if (!policy_) return;
    peers_.each([&](Peer& peer) {
        if (!hides_from(peer)) return;
        show_all(peer);
        peer.connection.send_extended(wire::UploadOnly{true});
    });
    policy_.reset();
    members_.clear();
}

}  // namespace spate::engine
