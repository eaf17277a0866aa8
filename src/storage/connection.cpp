#include "storage/connection.h"

#include <sqlite3.h>

#include "base/assert.h"

namespace spate::storage {

namespace {

std::errc kind_of(int code) {
    switch (code & 0xff) {
        case SQLITE_FULL:
            return std::errc::no_space_on_device;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return std::errc::device_or_resource_busy;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return std::errc::bad_message;
        case SQLITE_CANTOPEN:
        case SQLITE_IOERR:
            return std::errc::io_error;
        case SQLITE_NOMEM:
            return std::errc::not_enough_memory;
        case SQLITE_TOOBIG:
            return std::errc::value_too_large;
        default:
            return std::errc::invalid_argument;
    }
}

}  // namespace

Connection::Connection(io::Folder& folder, std::string_view name, std::unique_ptr<io::FolderLock> lock)
    : lock_(std::move(lock)), vfs_(folder), name_(name), object_(folder.path() + "/" + name_) {}

Connection::~Connection() {
    // BUSY would mean that a Statement outlived its Database.
    SPATE_ASSERT(sqlite3_close(handle_) == SQLITE_OK);
}

Result<void> Connection::open() {
    constexpr int flags =
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    const int code = sqlite3_open_v2(name_.c_str(), &handle_, flags, vfs_.name().c_str());
    if (code != SQLITE_OK) return fail(error("open", code));
    int reserved = SqliteVfs::checksum_bytes;
    sqlite3_file_control(handle_, nullptr, SQLITE_FCNTL_RESERVE_BYTES, &reserved);
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    return {};
}

Result<void> Connection::execute(const std::string& sql) {
    const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return fail(error("run \"" + sql.substr(0, 60) + "\" on", code));
    return {};
}

Result<sqlite3_stmt*> Connection::prepare(std::string_view sql) {
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) return fail(error("prepare \"" + std::string(sql.substr(0, 60)) + "\" for", code));
    SPATE_ASSERT(statement != nullptr);  // empty SQL
    return statement;
}

Result<std::string> Connection::text_of(std::string_view sql) {
    auto statement = prepare(sql);
    if (!statement) return fail(std::move(statement.error()));
    Statement row(*this, *statement);
    const auto there = row.step();
    if (!there) return fail(there.error());
    return *there ? std::string(row.text(0)) : std::string();
}

Result<std::int64_t> Connection::number_of(std::string_view sql) {
    auto statement = prepare(sql);
    if (!statement) return fail(std::move(statement.error()));
    Statement row(*this, *statement);
    const auto there = row.step();
    if (!there) return fail(there.error());
    return *there ? row.integer(0) : 0;
}

bool Connection::in_transaction() const {
    return sqlite3_get_autocommit(handle_) == 0;
}

Error Connection::error(std::string operation, int code) {
    const auto cause = vfs_.take_error();
    const bool from_disk = cause && kind_of(code) != std::errc::invalid_argument;
    auto kind = from_disk ? cause->code : std::make_error_code(kind_of(code));
    auto detail = from_disk ? cause->message() : std::string(sqlite3_errmsg(handle_));
    return {kind, std::move(operation), object_, std::move(detail)};
}

}  // namespace spate::storage
