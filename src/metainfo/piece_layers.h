// PieceLayers: the v2 piece hashes of files longer than one piece (BEP 52 "piece layers"), by the file's
// root. Nothing is kept that does not lead to its root. Files with equal contents share one. Memory: 32 bytes
// a piece. One owner at a time.
#pragma once

#include <map>
#include <span>
#include <vector>

#include "base/result.h"
#include "hash/digest.h"

namespace spate::metainfo {

class PieceLayers {
  public:
    // `hashes`: the layer as it travels, one 32-byte hash a piece. Refused: a length that is not that of the
    // file's pieces, hashes that do not lead to `root`. piece_length: a v2 one; file_size > piece_length.
    Result<void> add(const hash::Sha256& root, std::uint64_t file_size, std::uint64_t piece_length,
                     Bytes hashes);

    // Empty when there is none for that root.
    std::span<const hash::Sha256> find(const hash::Sha256& root) const;
    std::size_t size() const { return layers_.size(); }
    const std::map<hash::Sha256, std::vector<hash::Sha256>>& all() const { return layers_; }

  private:
    std::map<hash::Sha256, std::vector<hash::Sha256>> layers_;
};

}  // namespace spate::metainfo
