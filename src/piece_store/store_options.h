// What a PieceStore is given and what it tells. Plain values; any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/strong_index.h"
#include "hash/digest.h"
#include "metainfo/bitfield.h"
#include "metainfo/metainfo.h"
#include "piece_store/stored_state.h"

namespace spate::piece_store {

// Who sent a block: the owner's own number for a peer. Bytes of one block from two sources are never mixed.
using Source = StrongIndex<struct SourceTag>;

// What is believed about files that are there already.
enum class Trust : std::uint8_t {
    resume,  // the state where it fits the files; what it says nothing of must be checked
    sizes,   // a file of the right size is right: the metainfo was made from it a moment ago
    none,    // everything there must be checked
};

struct StoreOptions {
    // Only its layout is read outside the store's thread: the owner may add piece layers meanwhile.
    std::shared_ptr<const metainfo::Metainfo> metainfo{};
    std::string folder{};        // the files (or the root folder) lie in it; made if missing
    std::vector<bool> wanted{};  // by FileIndex; empty: all
    Trust trust = Trust::resume;
    std::optional<StoredState> state{};  // of an earlier run (Trust::resume)
    bool preallocate = false;  // the disk's room is taken when a file is begun; else files are sparse
    bool overwrite = false;    // files that are there and are somebody else's; else they are an error
    bool keeps_state = false;  // a file is made when a saved state says that we were here
    bool claimed = false;      // a saved state may claim pieces, though none is given here
    bool read_only = false;    // never writes to the folder: nothing can be downloaded
};

struct Opened {
    bool needs_check = false;       // files are there that nobody vouches for: check() them
    UnfinishedPieces unfinished{};  // blocks that are there, of pieces that are not: they need not come again
    // Files that the state knows and that are not there any more, and how many pieces went with them.
    std::vector<std::string> gone{};
    std::uint32_t lost = 0;
};

struct PieceVerdict {
    enum class Outcome : std::uint8_t {
        good,   // hashed, written: it may be announced and served
        bad,    // its hash is wrong: all its blocks are forgotten
        error,  // the disk failed and it could not wait: all its blocks are forgotten
    };
    metainfo::PieceIndex piece;
    Outcome outcome = Outcome::good;
    // SHA-256 of each block (the v2 leaf): of a bad piece, and of a good one that was bad before, so that the
    // senders of what differs are known.
    std::vector<hash::Sha256> blocks;
    std::optional<Error> error;
};

class StoreEvents {
  public:
    virtual ~StoreEvents() = default;
    // One call for all pieces that a pool job decided.
    virtual void on_verdicts(std::span<const PieceVerdict> verdicts) = 0;
    // Pieces that were there are not to be trusted any more and gone from have(): a file was changed by
    // somebody else, or a sync failed.
    virtual void on_lost(std::span<const metainfo::PieceIndex> pieces, const Error& why) = 0;
    // A check found that they are there.
    virtual void on_found(std::span<const metainfo::PieceIndex>) {}
    // The disk does not take what comes, or the state without which nothing may be written is not saved.
    // Whole pieces wait in memory, others are given up when memory is wanted; PieceStore::retry() it, and ask
    // for no more blocks meanwhile. Told again for each try that fails.
    virtual void on_disk_trouble(const Error&) {}
    virtual void on_disk_well() {}
};

}  // namespace spate::piece_store
