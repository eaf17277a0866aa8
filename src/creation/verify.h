// Verification: whether a path holds what a torrent says: every file's size, every piece's hash; v1, v2, and
// for a hybrid both over the same bytes read once. Nothing is written. Files that the torrent does not name
// are not looked at; links in the torrent are not checked (BEP 47 makes them hints).
// Thread: the reactor's. Memory: HashPlan::memory_max for content, besides the metainfo.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "creation/progress.h"
#include "io/files.h"
#include "io/work_pool.h"
#include "metainfo/bitfield.h"
#include "metainfo/metainfo.h"

namespace spate::creation {

enum class FileState : std::uint8_t {
    good,
    missing,
    not_a_file,  // a folder, a link or a special file is in its place
    too_short,
    too_long,    // its pieces may still be good
    unreadable,  // error says why
    damaged,     // the right size; a piece with bytes of it has another hash
    unproven,  // the right size, nothing found wrong; a piece it shares could not be hashed for another file
};

struct FileVerdict {
    FileState state = FileState::good;
    std::uint64_t size_found = 0;
    std::uint32_t pieces_wrong = 0;                   // of another hash, or not there, with bytes of it
    std::optional<metainfo::PieceIndex> first_wrong;  // the first of those
    std::optional<Error> error;
};

struct Verified {
    metainfo::Bitfield good;           // hashed and right, in every way the torrent has
    metainfo::Bitfield wrong;          // hashed and not right; the others could not be read
    std::uint32_t contradictions = 0;  // pieces of a hybrid that one half calls right and the other wrong
    std::vector<FileVerdict> files;    // by FileIndex; pad files and links are good
    std::string place;                 // the folder or file that was looked at
    bool all_good() const;
};

class Verification {
  public:
    using OnDone = std::move_only_function<void(Result<Verified>)>;

    // path: the torrent's folder or file itself, or the folder that holds it; where both would do, the one
    // with more of the torrent's first 100 files at their right size. files and pool outlive this. on_done
    // runs once, in a later turn; it may destroy the verification. Destroying it earlier stops it.
    Verification(io::Files& files, io::WorkPool& pool, std::shared_ptr<const metainfo::Metainfo> torrent,
                 std::string path, unsigned jobs, OnDone on_done);
    Verification(const Verification&) = delete;
    Verification& operator=(const Verification&) = delete;
    ~Verification();

    Progress progress() const;

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace spate::creation
