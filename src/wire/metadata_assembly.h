// MetadataAssembly: the info dictionary of a magnet link, fetched from many peers (BEP 9). Pure.
//
// When all blocks of it are there, the owner hashes it where that keeps nobody waiting, and says how it went.
// Peers that claim different sizes are kept apart. Blocks are taken from all that agree; when the whole does
// not match the info-hash and several had a part in it, each is asked for all of it alone, so that exactly
// the liars are found. A peer that refuses or says nothing rests for a minute; a size whose claimers all
// rest, or that had its turn without becoming whole, makes room for one that waits.
//
// Memory: what really came, at most metadata_bytes_max for each of metadata_sizes_max sizes (the one with the
// fewest peers makes room for one with more); metadata_sources_max peers. One owner, one thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "base/strong_index.h"
#include "base/time.h"
#include "metainfo/info_hash.h"
#include "wire/extension_messages.h"

namespace spate::wire {

// Whom the owner means; the value is the owner's.
using SourceKey = StrongIndex<struct SourceTag>;

class MetadataAssembly {
  public:
    explicit MetadataAssembly(const metainfo::InfoHash& wanted);

    // A peer that offers ut_metadata with that metadata_size, 1 to metadata_bytes_max. Again with another
    // size: the first one stands. False when there is no room for it.
    bool add_source(SourceKey source, std::uint32_t size);
    void remove_source(SourceKey source);

    // The next block to ask of that peer, or nothing now. It counts as asked until it is answered or its time
    // is out.
    std::optional<MetadataRequest> next_request(SourceKey source, TimePoint now);

    enum class Outcome : std::uint8_t {
        taken,
        whole,    // all there: take(), see whether it matches(), on_checked()
        unasked,  // nobody asked for that, or not that size: close with unasked_metadata
    };
    Outcome on_data(SourceKey source, const MetadataData& data, TimePoint now);
    // The raw info dictionary, once, when it is whole. Until on_checked() nothing is asked for, and what
    // comes is dropped.
    std::vector<std::uint8_t> take();
    // What was taken is right, and complete(); or it is false: see liars(), the work starts again.
    void on_checked(bool right);
    // False when it was not asked for.
    bool on_reject(SourceKey source, const MetadataReject& reject, TimePoint now);

    // Requests without an answer are free for others.
    void on_timeout(TimePoint now);
    TimePoint next_timeout() const;

    // Peers shown to have sent false metadata since the last call: all of what they sent was theirs alone.
    std::vector<SourceKey> liars();

    bool complete() const { return complete_; }

  private:
    struct Asked {
        std::uint32_t block = 0;
        TimePoint until{};
        bool late = false;  // its time is out; it may still be answered
    };
    struct Source {
        std::uint32_t size = 0;
        std::vector<Asked> asked;
        TimePoint rests_until{};  // after a reject or silence
    };
    struct Block {
        std::vector<std::uint8_t> bytes;  // empty: not there
        SourceKey from;
        std::uint32_t asked = 0;  // of so many peers now
    };
    struct Candidate {  // one claimed size
        std::map<std::uint32_t, Block> blocks;
        std::uint32_t there = 0;
        TimePoint since{};               // it is tried
        bool one_by_one = false;         // a mixed one was false
        std::optional<SourceKey> alone;  // the one at hand, if so
    };
    std::size_t claimed_by(std::uint32_t size) const;
    Candidate* candidate(std::uint32_t size, TimePoint now);
    bool makes_room(std::uint32_t size, TimePoint now) const;
    static std::optional<std::uint32_t> pick(const Source& source, const Candidate& candidate);
    void settle(Source& source, std::uint32_t block);
    void forget(const Source& source, Asked& asked);
    void rest(SourceKey key, Source& source, TimePoint now);
    void start_again(std::uint32_t size);
    void join(std::uint32_t size);

    metainfo::InfoHash wanted_;
    std::map<SourceKey, Source> sources_;
    std::map<std::uint32_t, Candidate> candidates_;  // by size
    std::vector<SourceKey> liars_;
    struct Whole {  // all there, not checked yet
        std::uint32_t size = 0;
        std::set<SourceKey> senders;
        std::vector<std::uint8_t> bytes;  // until they are taken
    };
    std::optional<Whole> whole_;
    bool complete_ = false;
};

// Whether that is the info dictionary of the torrent. Any thread.
bool matches(Bytes info, const metainfo::InfoHash& wanted);

}  // namespace spate::wire
