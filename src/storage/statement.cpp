#include <sqlite3.h>
#include <utility>

#include "base/assert.h"
#include "storage/connection.h"
#include "storage/database.h"

namespace spate::storage {

Statement::Statement(Statement&& other) noexcept
    : connection_(other.connection_),
      statement_(std::exchange(other.statement_, nullptr)),
      bound_(other.bound_) {}

Statement& Statement::operator=(Statement&& other) noexcept {
    std::swap(connection_, other.connection_);
    std::swap(statement_, other.statement_);
    std::swap(bound_, other.bound_);
    return *this;
}

Statement::~Statement() {
    sqlite3_finalize(statement_);
}

Statement& Statement::bind(int parameter, std::int64_t value) {
    bound_ = bound_ && sqlite3_bind_int64(statement_, parameter, value) == SQLITE_OK;
    return *this;
}

Statement& Statement::bind(int parameter, std::string_view text) {
    // A null pointer would bind NULL, and an empty view may hold one.
    const char* data = text.data() == nullptr ? "" : text.data();
    bound_ = bound_ && sqlite3_bind_text64(statement_, parameter, data, text.size(), SQLITE_TRANSIENT,
                                           SQLITE_UTF8) == SQLITE_OK;
    return *this;
}

Statement& Statement::bind(int parameter, Bytes blob) {
    const void* data = blob.data() == nullptr ? static_cast<const void*>("") : blob.data();
    bound_ = bound_ &&
             sqlite3_bind_blob64(statement_, parameter, data, blob.size(), SQLITE_TRANSIENT) == SQLITE_OK;
    return *this;
}

Statement& Statement::bind_null(int parameter) {
    bound_ = bound_ && sqlite3_bind_null(statement_, parameter) == SQLITE_OK;
    return *this;
}

Result<bool> Statement::step() {
    if (!std::exchange(bound_, true)) {
        reset();
        return fail(Error::invalid("bind a value for", connection_->object(),
                                   "no such parameter, or it is too large"));
    }
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) {
        reset();
        return false;
    }
    auto error =
        connection_->error("run \"" + std::string(sqlite3_sql(statement_)).substr(0, 60) + "\" on", code);
    reset();
    return fail(std::move(error));
}

Result<void> Statement::run() {
    const auto there = step();
    if (!there) return fail(there.error());
    if (*there) reset();
    return {};
}

void Statement::reset() {
    sqlite3_reset(statement_);
}

std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(statement_, column);
}

std::string_view Statement::text(int column) const {
    const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    if (data == nullptr) return {};
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

Bytes Statement::blob(int column) const {
    const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
    if (data == nullptr) return {};
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

}  // namespace spate::storage
