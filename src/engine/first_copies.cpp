#include "engine/first_copies.h"

#include <algorithm>

namespace spate::engine {

bool FirstCopies::take(const Peer& peer, TimePoint now) {
    if (when_ == SuperSeed::off || ended_ || !swarm::SuperSeeding::suits(layout_.piece_count())) return false;
    if (when_ == SuperSeed::automatic && others_seed_) return false;
    if (picker_.count_of(peer.key) == layout_.piece_count()) {
        end();
        return false;
    }
    if (!policy_) {
        policy_.emplace(layout_, swarm::Reveal::ahead, rng_);
        taken_at_ = now;
    }
    if (peer.key.value >= members_.size()) members_.resize(peer.key.value + 1);
    members_[peer.key.value] = {.here = true, .shown_all = false, .asked_at = now, .took_at = now};
    policy_->peer_joined(peer.key);
    if (std::ranges::count_if(members_, &Member::here) == 1) {
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
    taken_at_ = now;
    if (!hides_from(peer)) return;
    if (policy_->on_sent(peer.key, block.piece, block.length, now) == 0) return;
    members_[peer.key.value].took_at = now;
    members_[peer.key.value].asked_at = now;
}

void FirstCopies::on_block_back(const Peer& peer, const wire::BlockRequest& block) {
    if (hides_from(peer)) policy_->on_taken_back(peer.key, block.piece, block.length);
}

void FirstCopies::on_seed_count(std::uint32_t seeds) {
    others_seed_ = seeds > 1;
    if (others_seed_ && policy_ && when_ == SuperSeed::automatic) end();
}

void FirstCopies::reveal(TimePoint now) {
    if (!policy_) return;
    bool dry = true;
    peers_.each([&](const Peer& peer) {
        if (!hides_from(peer)) return;
        const auto& connection = peer.connection;
        const std::size_t backlog = connection.output_size() - connection.messages_waiting();
        const bool waits = backlog > 0 || !peer.up.requests.empty();
        if (waits && !members_[peer.key.value].shown_all) dry = false;
        policy_->set_backlog(peer.key, backlog);
    });
    if (dry) policy_->on_dry();
    std::vector<swarm::RevealedPiece> revealed;
    policy_->reveal(now, revealed);
    for (const swarm::RevealedPiece& one : revealed)
        if (Peer* peer = peers_.find(one.peer)) peer->connection.send(wire::Have{one.piece});
    if (policy_->finished()) end();
}

void FirstCopies::on_tick(TimePoint now) {
    if (!policy_) return;
    const auto members = static_cast<std::size_t>(std::ranges::count_if(members_, &Member::here));
    if (is_idle_crowd(members, now)) return end();
    const bool lone = members == 1;
    std::uint64_t rate = 0;
    peers_.each([&](Peer& peer) {
        if (!hides_from(peer)) return;
        rate += peer.up.rate.rate(now);
        look_at(peer, lone, now);
    });
    policy_->fade();
    policy_->set_ahead(lone ? rate : rate / 2);
    reveal(now);
}

bool FirstCopies::is_idle_crowd(std::size_t members, TimePoint now) {
    if (members <= swarm::SuperSeeding::fan_out_max) taken_at_ = now;
    return now - taken_at_ >= idle_max;
}

void FirstCopies::look_at(Peer& peer, bool lone, TimePoint now) {
    Member& member = members_[peer.key.value];
    const std::uint64_t rate = peer.up.rate.rate(now);
    policy_->set_window(peer.key, lone ? lone_window : rate / 2);
    const bool refused = peer.upload_only || (peer.up.interested && peer.up.choked);
    policy_->set_served(peer.key, !member.shown_all && !refused);
    const bool waits_for_us = policy_->unsent(peer.key) == 0;
    if (waits_for_us) member.took_at = now;
    if (waits_for_us || !peer.up.requests.empty() || peer.connection.output_size() > 0) member.asked_at = now;
    // Such as a tracker's probe, which wants pieces of its own choice.
    const Duration idle = peer.up.interested && peer.up.bytes == 0 ? fresh_max : idle_max;
    if (now - member.asked_at >= idle || now - member.took_at >= stuck_max) show_all(peer);
}

void FirstCopies::show_all(Peer& peer) {
    members_[peer.key.value].shown_all = true;
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
