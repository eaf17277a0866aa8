// PeerTable: the connected peers of a torrent by PeerKey; keys are used again. Limit: swarm::peers_max.
// Owner: Torrent. Thread: the reactor's.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "engine/peer.h"

namespace spate::engine {

class PeerTable {
  public:
    swarm::PeerKey free_key() const {
        return swarm::PeerKey(free_.empty() ? static_cast<std::uint32_t>(peers_.size()) : free_.back());
    }
    // peer->key is free_key().
    Peer& add(std::unique_ptr<Peer> peer) {
        SPATE_ASSERT(peer->key == free_key());
        ++count_;
        if (free_.empty()) return *peers_.emplace_back(std::move(peer));
        free_.pop_back();
        return *(peers_[peer->key.value] = std::move(peer));
    }
    // A key for a source that is no peer of the wire (ClassicSources).
    swarm::PeerKey lend_key() {
        const swarm::PeerKey key = free_key();
        if (free_.empty())
            peers_.emplace_back();
        else
            free_.pop_back();
        return key;
    }
    void return_key(swarm::PeerKey key) { free_.push_back(key.value); }

    std::unique_ptr<Peer> take(Peer& peer) {
        --count_;
        free_.push_back(peer.key.value);
        return std::move(peers_[peer.key.value]);
    }

    Peer* find(swarm::PeerKey key) const {
        return key.value < peers_.size() ? peers_[key.value].get() : nullptr;
    }
    std::size_t size() const { return count_; }
    // `visit` may remove the peer it was given, and others.
    template <class Visit>
    void each(const Visit& visit) const {
        for (std::size_t i = 0; i < peers_.size(); ++i)
            if (Peer* peer = peers_[i].get()) visit(*peer);
    }

  private:
    std::vector<std::unique_ptr<Peer>> peers_;
    std::vector<std::uint32_t> free_;
    std::size_t count_ = 0;
};

}  // namespace spate::engine
