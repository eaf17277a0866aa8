// HashAnswers: answers hash requests of v2 peers (BEP 52) out of the piece layers we hold. Requests for
// leaves, which would have to be read and hashed, are rejected, as are those that are not valid
// (reliability.md rows 46, 47). Keeps the trees of the files asked for last: trees_max, 64 bytes a piece.
// Owner: MessageRouter. Thread: the reactor's.
#pragma once

#include <map>
#include <memory>

#include "engine/peer_connection.h"
#include "metainfo/metainfo.h"
#include "wire/hash_exchange.h"

namespace spate::engine {

class HashAnswers {
  public:
    static constexpr std::size_t trees_max = 32;

    void answer(const metainfo::Metainfo& metainfo, const wire::HashRequest& request,
                PeerConnection& connection);

  private:
    // Null: no such file here, or its hashes are not known.
    const wire::PieceTree* tree_of(const metainfo::Metainfo& metainfo, const hash::Sha256& root);
    std::map<hash::Sha256, wire::PieceTree> trees_;
};

}  // namespace spate::engine
