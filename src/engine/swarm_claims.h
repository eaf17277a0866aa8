// SwarmClaims: which session of a process a swarm belongs to, so that two of them never write the same files:
// a hybrid has two info-hashes, and a magnet link may name it by one. A claim is of a session, which itself
// sees to it that it has each torrent once; it lasts until the torrent's files are at rest.
// Owner: SessionLedgers. Thread: any.
#pragma once

#include <map>
#include <mutex>
#include <vector>

#include "metainfo/info_hash.h"

namespace spate::engine {

// What peers and trackers know the torrent by.
std::vector<hash::Sha1> swarms_of(const metainfo::InfoHash& hash);

class SwarmClaims {
  public:
    // For the session that has one of its swarms already, or else for `preferred`; nothing: two have one
    // each.
    std::optional<unsigned> claim(const metainfo::InfoHash& hash, unsigned preferred);
    // What that session claimed as `known` is `whole`. False: another one has a part of it; then `known` is
    // released, so that of two that learn this of each other one stays.
    bool learn(const metainfo::InfoHash& known, const metainfo::InfoHash& whole, unsigned session);
    // As often as it was claimed.
    void release(const metainfo::InfoHash& hash);

  private:
    void add(const metainfo::InfoHash& hash, unsigned session);
    void remove(const metainfo::InfoHash& hash);

    struct Claim {
        unsigned session;
        unsigned times;
    };
    std::mutex mutex_;
    std::map<hash::Sha1, Claim> claims_;
};

}  // namespace spate::engine
