// Database: one SQLite database in an io::Folder, through our own VFS (sqlite_vfs.h), so that the simulator's
// disk and its crashes are under it as under every other file. WAL, exclusive, foreign keys on, values always
// bound.
//
// Invariants: one Database a file, in this process or another (lock file NAME.lock). A file that is no
// database, belongs to another program (application id), comes from a newer version or fails the check at
// opening is refused with a message that says what to do; it is never written to. Blocking: program start or
// a pool job. Thread: one at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "io/files.h"

struct sqlite3;
struct sqlite3_stmt;

namespace spate::storage {

struct DatabaseOptions {
    std::int32_t application_id = 0;  // PRAGMA application_id; not 0
    std::span<const std::string_view>
        migrations;                       // step i takes version i to i + 1; the last is the current one
    std::uint64_t size_max = 8ULL << 30;  // bytes; beyond it writes fail as on a full disk
};

// How far a commit is on its way to the disk when it returns.
enum class Durability {
    process,  // survives kill -9; a power cut may take the last commits, never parts of one
    power,    // synced: survives a power cut, as does every commit before it
};

// One prepared statement; made once, run many times. Parameters count from 1, columns from 0. Must not
// outlive its Database. After an error of step() it is reset.
class Statement {
  public:
    Statement(Statement&&) noexcept;
    Statement& operator=(Statement&&) noexcept;
    ~Statement();

    Statement& bind(int parameter, std::int64_t value);
    Statement& bind(int parameter, std::string_view text);
    Statement& bind(int parameter, Bytes blob);
    Statement& bind_null(int parameter);

    // True: a row is there. False: done, and reset for the next run.
    Result<bool> step();
    // For statements without rows: bind, run, reset.
    Result<void> run();
    void reset();

    std::int64_t integer(int column) const;
    std::string_view text(int column) const;  // valid until the next step or reset
    Bytes blob(int column) const;             // likewise

  private:
    friend class Connection;
    friend class Database;
    Statement(class Connection& connection, sqlite3_stmt* statement)
        : connection_(&connection), statement_(statement) {}

    class Connection* connection_;
    sqlite3_stmt* statement_;
    bool bound_ = true;  // every bind so far was accepted
};

class Database {
  public:
    // `folder` outlives the database. `name`: one clean component.
    static Result<Database> open(io::Folder& folder, std::string_view name, const DatabaseOptions& options);
    Database(Database&&) noexcept;
    Database& operator=(Database&&) noexcept;
    ~Database();

    // Our own SQL; one statement. A mistake in it is an error too, with SQLite's words.
    Result<Statement> prepare(std::string_view sql);
    // Any number of statements, no values.
    Result<void> execute(std::string_view sql);

    // Runs `work` inside one transaction: its error, or one of the commit, rolls everything back. After an
    // error of the disk the outcome on it is unknown until the database was closed and opened again; after a
    // failed sync, also one inside a checkpoint, every commit for power fails until then.
    template <class Work>
    Result<void> transact(Durability durability, Work&& work) {
        if (auto begun = begin(durability); !begun) return begun;
        if (Result<void> done = work(); !done) {
            roll_back();
            return done;
        }
        return commit();
    }

  private:
    explicit Database(std::unique_ptr<class Connection> connection);
    Result<void> begin(Durability durability);
    Result<void> commit();
    void roll_back();

    std::unique_ptr<class Connection> connection_;
};

}  // namespace spate::storage
