// ResumeDatabase: what a Session remembers of its torrents: one row each, in SQLite in a state folder that
// one process owns (docs/formats/resume.md). A save reaches the disk for good before its callback, and many
// saves of one turn are one transaction. A database that is damaged is moved aside (NAME.damaged) and a new
// one begun, which open() tells: nothing is lost but a re-check. Another thread of the process has a front of
// it. Limits: rows_max rows. Blocking work is done in the pool, one job at a time. Thread: the reactor's.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/world.h"
#include "metainfo/info_hash.h"

namespace spate::piece_store {

// How a row is found: the v2 info-hash, or a v1-only torrent's v1 info-hash, in hex.
std::string resume_key(const metainfo::InfoHash& hash);

struct ResumeRow {
    std::string key;
    std::vector<std::uint8_t> metainfo;  // the .torrent, with piece layers; empty: a magnet still
    std::string magnet;                  // the link it was added by, or empty
    std::string folder;
    std::string options;              // the owner's own settings of it, as text
    std::vector<std::uint8_t> state;  // write_state() of the store; empty: nothing is known of the files
    std::uint64_t downloaded = 0;     // payload bytes, over all runs
    std::uint64_t uploaded = 0;
    bool operator==(const ResumeRow&) const = default;
};

// What a checkpoint changes of a row.
struct ResumeProgress {
    std::string key;
    std::vector<std::uint8_t> state;
    std::uint64_t downloaded = 0;
    std::uint64_t uploaded = 0;
};

class ResumeDatabase {
  public:
    static constexpr std::size_t rows_max = 100'000;
    using Done = std::move_only_function<void(Result<void>)>;

    explicit ResumeDatabase(io::World& world);
    // A front: what is asked here is done by `home`, which lives on another thread, after what was asked
    // there before. home: outlives what its reactor's thread still does for this one.
    ResumeDatabase(io::World& world, const ResumeDatabase& home);
    ~ResumeDatabase();
    ResumeDatabase(const ResumeDatabase&) = delete;
    ResumeDatabase& operator=(const ResumeDatabase&) = delete;

    // Made if missing. What is told beside success: the damage of one that was moved aside. Errors: another
    // process has the folder (EBUSY, with a sentence for people), the disk.
    using Opened = std::optional<Error>;
    void open(std::string state_folder, std::move_only_function<void(Result<Opened>)> done);
    // Nothing: no such row.
    void find(std::string key, std::move_only_function<void(Result<std::optional<ResumeRow>>)> done);
    // Of many at once; one for each key.
    void find_all_of(std::vector<std::string> keys,
                     std::move_only_function<void(Result<std::vector<std::optional<ResumeRow>>>)> done);
    void count(std::move_only_function<void(Result<std::int64_t>)> done);
    // Adds it or replaces the row of that key.
    void put(ResumeRow row, Done done);
    void put_all(std::vector<ResumeRow> rows, Done done);  // all or none
    // Of rows that are there; others are skipped.
    void save(std::vector<ResumeProgress> progress, Done done);
    void remove(std::string key, Done done);
    // Its files were moved there.
    void set_folder(std::string key, std::string folder, Done done);

  private:
    class Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace spate::piece_store
