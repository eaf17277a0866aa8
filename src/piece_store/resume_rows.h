// ResumeRows: the rows of the resume database as jobs read and write them, in SQLite in a state folder that
// one process owns (docs/formats/resume.md). A database that is damaged is moved aside and a new one begun;
// after an error of the disk it is opened again for the next change. Limits: ResumeDatabase::rows_max. Owner:
// ResumeDatabase. Thread: pool jobs, one at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "piece_store/resume_database.h"
#include "storage/database.h"
#include "storage/state_folder.h"

namespace spate::piece_store {

class ResumeRows {
  public:
    explicit ResumeRows(io::Files& files) : files_(files) {}

    Result<ResumeDatabase::Opened> open(const std::string& path) {
        auto folder = storage::StateFolder::open(files_, path);
        if (!folder) return fail(folder.error());
        folder_.emplace(std::move(*folder));
        if (auto opened = ensure_open(); !opened) return fail(opened.error());
        return std::exchange(moved_aside_, {});
    }
    // One for each key.
    Result<std::vector<std::optional<ResumeRow>>> rows(const std::vector<std::string>& keys);
    Result<std::int64_t> count();
    Result<void> put(const std::vector<ResumeRow>& rows);
    Result<void> save(const std::vector<ResumeProgress>& progress);
    Result<void> remove(const std::string& key);
    Result<void> set_folder(const std::string& key, const std::string& folder);

  private:
    Result<void> ensure_open();
    Result<void> move_damaged_aside();
    Result<void> put_one(const ResumeRow& row);
    // Runs `work` as one transaction; after an error of the disk the database is opened again for the next.
    template <class Work>
    Result<void> change(Work work);

    io::Files& files_;
    std::optional<storage::StateFolder> folder_;
    std::optional<storage::Database> database_;
    std::optional<Error> moved_aside_;  // not told yet
};

}  // namespace spate::piece_store
