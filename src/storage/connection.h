// Connection: Database's inside: the SQLite handle, its VFS and the lock file, and the one place where
// SQLite's codes become Errors. Private to the module.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "io/files.h"
#include "storage/database.h"
#include "storage/sqlite_vfs.h"

struct sqlite3;
struct sqlite3_stmt;

namespace spate::storage {

class Connection {
  public:
    Connection(io::Folder& folder, std::string_view name, std::unique_ptr<io::FolderLock> lock);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    Result<void> open();
    Result<void> execute(const std::string& sql);
    Result<sqlite3_stmt*> prepare(std::string_view sql);
    // The single value of a statement's first row, as text or number.
    Result<std::string> text_of(std::string_view sql);
    Result<std::int64_t> number_of(std::string_view sql);

    bool in_transaction() const;
    // The Error for SQLite's `code`, just returned.
    Error error(std::string operation, int code);
    // What the disk said since it was asked last.
    std::optional<Error> take_disk_error() { return vfs_.take_error(); }
    const std::string& object() const { return object_; }

    Durability durability = Durability::process;  // what the connection is set to

  private:
    std::unique_ptr<io::FolderLock> lock_;  // released last
    SqliteVfs vfs_;
    std::string name_;
    std::string object_;  // for messages
    sqlite3* handle_ = nullptr;
};

}  // namespace spate::storage
