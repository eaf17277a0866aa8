// SwarmFile: the swarms as the octets of a file (docs/formats/swarms.md): blocks of at most a MiB, each with
// its digest, so that what is read is what was written or is known to be broken. Written from the store's
// shards, one at a time; the memory for a shard is what its swarms take. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "hash/keyed_hash.h"
#include "tracker/kept_swarm.h"
#include "tracker/swarm_table.h"

namespace spate::tracker {

inline constexpr std::size_t swarm_block_bytes_max = 1 << 20;

// A file: the start, any number of swarms, the end.
void append_swarm_file_start(std::vector<std::uint8_t>& out, const hash::SipKey& client_key);
// `swarms`: a shard of a store, whose clock says `now`.
void append_swarms(std::vector<std::uint8_t>& out, std::span<const Swarm> swarms, WallTime saved,
                   TimePoint now);
void append_swarm_file_end(std::vector<std::uint8_t>& out);

// Reads such a file in any pieces. What it told before an error is right; nothing is to be fed after one.
class SwarmFileReader {
  public:
    class Sink {
      public:
        virtual ~Sink() = default;
        virtual void on_client_key(const hash::SipKey& key) = 0;  // once, first
        virtual void on_swarm(const KeptSwarm& swarm, WallTime saved) = 0;
    };

    explicit SwarmFileReader(Sink& sink) : sink_(sink) {}
    Result<void> feed(Bytes bytes);
    // At the end of the input: an error when the file's end did not come.
    Result<void> end() const;

  private:
    enum class Expects { name, start, swarms, nothing };

    Result<std::size_t> take(Bytes bytes);
    Result<void> take_block(Bytes payload);
    bool take_swarms(Bytes payload);
    std::unexpected<Error> broken(std::string reason) const;

    Sink& sink_;
    std::vector<std::uint8_t> kept_;  // of a block that is not whole
    std::uint64_t offset_ = 0;        // in the file, of what is looked at
    Expects expects_ = Expects::name;
};

}  // namespace spate::tracker
