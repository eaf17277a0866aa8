// SqliteVfs: SQLite's files inside an io::Folder. One for production and simulator, so what the crash tests
// prove is what runs. No shared memory and no locks: the connection uses exclusive locking and the Database
// holds a lock file.
//
// Every page of the database file ends in a checksum over the page and its place, in bytes that SQLite
// reserves for such use: a page that the disk brings back wrong is an error (SQLITE_IOERR_DATA), never wrong
// data. The WAL's frames have SQLite's own checksums. Owner: one Connection, which it outlives. Thread: the
// connection's.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "base/error.h"
#include "io/files.h"

namespace spate::storage {

class SqliteVfs {
  public:
    static constexpr std::size_t page_bytes = 4096;
    static constexpr std::size_t checksum_bytes = 8;

    explicit SqliteVfs(io::Folder& folder);
    ~SqliteVfs();
    SqliteVfs(const SqliteVfs&) = delete;
    SqliteVfs& operator=(const SqliteVfs&) = delete;

    // What to open databases with; registered for this object's life.
    const std::string& name() const;
    // What the folder last answered with instead of doing it, since the last call.
    std::optional<Error> take_error();

    struct Impl;

  private:
    std::unique_ptr<Impl> impl_;
};

}  // namespace spate::storage
