// PartStore: a file under way on the disk, and its place once it is whole. In the receiving folder, for NAME:
//
//   .NAME.part       the bytes so far, at their final positions
//   .NAME.state      which of them are there (resume_state.h); written only after they were synced
//   .NAME.variants   bytes that other sources gave for contested segments (arbitration.h)
//   .NAME.track      the tracker file as last seen, for a start while the tracker is away
//   .NAME.lock       held while one process works on NAME
//
// All but NAME itself are gone once NAME is in place. Never NAME with a wrong byte: it is renamed into place,
// synced, after the caller saw the right MD5 of exactly these bytes. NAME must be clean
// (storage::is_clean_file_name). Blocking: pool jobs only. Thread: one at a time; cancel() from any.
#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "classic_peer/arbitration.h"
#include "classic_peer/resume_state.h"
#include "hash/digest.h"
#include "io/files.h"

namespace spate::classic_peer {

inline constexpr std::size_t cached_tracker_file_bytes_max = 1 << 20;

class PartStore {
  public:
    // The folder is made if missing. Errors: EBUSY when another process receives NAME into it.
    static Result<std::unique_ptr<PartStore>> open(io::Files& files, const std::string& folder,
                                                   const FileIdentity& file);

    // What was there when it was opened: synced, and of this very file.
    const RangeSet& recovered() const { return recovered_; }

    Result<void> write(std::uint64_t at, Bytes data);
    // Syncs the data, then the state that claims `have`.
    Result<void> checkpoint(const RangeSet& have);

    // Of the whole file, with the replacements' variants in place of what is held. ECANCELED after cancel().
    Result<hash::Md5> md5(std::span<const Arbitration::Replacement> replacements = {});
    Result<hash::Md5> md5_of(ByteRange range);
    Result<void> keep_variant(Arbitration::Slot slot, Bytes bytes);
    // Writes the variants over what is held.
    Result<void> apply(std::span<const Arbitration::Replacement> replacements);

    enum class Target { missing, right, different };
    // What is at NAME now, by size and MD5.
    Result<Target> target();
    // Syncs, renames to `name` (NAME, or another clean name) over whatever is there, removes everything else.
    Result<void> place(const std::string& name);
    // Removes everything but NAME.
    void remove_traces();

    void cancel() { cancelled_ = true; }

  private:
    PartStore(std::unique_ptr<io::Folder> folder, FileIdentity file);
    Result<void> take_lock();
    Result<void> recover();
    Result<io::File*> variants();
    std::string name_of(std::string_view kind) const;
    Result<void> hash_range(io::File& from, ByteRange range, hash::Md5Hasher& hasher);

    std::unique_ptr<io::Folder> folder_;
    FileIdentity file_;
    std::unique_ptr<io::FolderLock> lock_;
    std::unique_ptr<io::File> part_;
    std::unique_ptr<io::File> variants_;
    std::vector<ByteRange> slots_;  // where each variant is in the variants file
    std::uint64_t variants_end_ = 0;
    RangeSet recovered_;
    std::atomic<bool> cancelled_ = false;
};

// The tracker file as last seen; see above.
Result<std::string> read_cached_tracker_file(io::Files& files, const std::string& folder,
                                             const std::string& name);
Result<void> cache_tracker_file(io::Files& files, const std::string& folder, const std::string& name,
                                std::string_view text);

}  // namespace spate::classic_peer
