// Many messages hashed side by side: two to four times the speed of one at a time where the CPU has wide
// vectors or SHA instructions. Digests are those of sha1() and sha256() for every count and every mix of
// lengths.
//
// Whole messages in memory (v1 pieces, v2 leaf blocks of 16 KiB): sha1_many, sha256_many. Feed them as many
// messages as are there; a lane whose message ends takes the next one, so that lengths may be mixed.
//
// Messages too large to hold (v1 pieces of many MiB): LaneHasher, one stream a piece. Torrent creation takes
// window w of each of 16 pieces (16 x 64 KiB fits the second-level cache), hands all windows to
// Sha1Lanes::update and, for v2 and hybrid torrents, the same still-cached bytes cut into 16 KiB blocks to
// sha256_many; after the last window finish() gives the 16 piece hashes and starts afresh. At these speeds a
// copy counts, and a page fault more: docs/decisions/0004-hashing-files.md.
//
// Owner: the caller; no state outside the objects. Thread: any, one at a time per object. Memory: a few KiB
// on the stack, and 104 bytes a stream.
#pragma once

#include <span>
#include <vector>

#include "base/bytes.h"
#include "hash/digest.h"
#include "hash/kernel_ladder.h"

namespace spate::hash {

// out[i] = digest of messages[i]; the spans are of equal length.
void sha1_many(std::span<const Bytes> messages, std::span<Sha1> out,
               const KernelLadder& ladder = fastest_sha1());
void sha256_many(std::span<const Bytes> messages, std::span<Sha256> out,
                 const KernelLadder& ladder = fastest_sha256());

// The ladder of a digest type.
template <class Digest>
const KernelLadder& fastest_for();
template <>
inline const KernelLadder& fastest_for<Sha1>() {
    return fastest_sha1();
}
template <>
inline const KernelLadder& fastest_for<Sha256>() {
    return fastest_sha256();
}

// `streams` messages hashed side by side, each taken in pieces. Best: a multiple of lanes() streams, and
// chunks of equal size, a multiple of 64 bytes.
template <class Digest>
class LaneHasher {
  public:
    explicit LaneHasher(std::size_t streams, const KernelLadder& ladder = fastest_for<Digest>());

    std::size_t streams() const { return streams_.size(); }
    unsigned lanes() const { return ladder_.lanes(); }

    // chunks[i]: the next bytes of stream i, any number, none for a stream that rests or is at its end. At
    // most streams() chunks; the streams beyond them rest.
    void update(std::span<const Bytes> chunks);

    // out[i]: the digest of all bytes of stream i; at most streams() are asked for. Starts all streams
    // afresh.
    void finish(std::span<Digest> out);

  private:
    struct Stream {
        std::uint32_t state[8];
        std::uint64_t length;              // bytes so far
        std::uint8_t partial[kHashBlock];  // its last length % 64 bytes
    };
    class Chunks;
    class Ends;
    void start();

    KernelLadder ladder_;
    std::vector<Stream> streams_;
};

using Sha1Lanes = LaneHasher<Sha1>;
using Sha256Lanes = LaneHasher<Sha256>;
extern template class LaneHasher<Sha1>;
extern template class LaneHasher<Sha256>;

}  // namespace spate::hash
