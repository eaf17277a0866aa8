#include "storage/database.h"

#include <array>
#include <vector>

#include "base/assert.h"
#include "storage/connection.h"
#include "storage/file_name.h"

namespace spate::storage {

namespace {

constexpr std::size_t header_bytes = 100;
constexpr std::string_view magic("SQLite format 3\0", 16);
constexpr std::size_t application_id_at = 68;
constexpr std::size_t rewrite_bytes = 64 << 10;

Error refusal(const Connection& connection, std::string why) {
    return Error::invalid(
        "open", connection.object(),
        std::move(why) + ". It was left as it is: move it away to begin anew, or put a good copy there",
        std::errc::bad_message);
}

std::uint32_t big_endian_at(Bytes bytes, std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) value = value << 8 | bytes[at + i];
    return value;
}

// Looks at the file before SQLite may write to it or to what lies beside it. A journal beside the file means
// that its making was cut off: SQLite puts that right, and check_owner() asks again.
Result<void> check_header(io::Folder& folder, std::string_view name, const Connection& connection,
                          std::int32_t application_id) {
    auto file = folder.open(name, io::OpenMode::read);
    if (!file) {
        if (file.error().is(std::errc::no_such_file_or_directory)) return {};
        return fail(std::move(file.error()));
    }
    std::array<std::uint8_t, header_bytes> header{};
    const auto count = (*file)->read_at(0, header);
    if (!count) return fail(count.error());
    if (*count == 0 || folder.info(std::string(name) + "-journal")) return {};
    if (*count < header.size() || as_text(header).substr(0, magic.size()) != magic) {
        return fail(refusal(connection, "it is no database"));
    }
    if (big_endian_at(header, application_id_at) != static_cast<std::uint32_t>(application_id)) {
        return fail(refusal(connection, "it is a database of another program"));
    }
    return {};
}

// What a process before us wrote and could not sync, the kernel may show without having it on the disk, and
// no sync of ours would bring it there. Commits after such a frame would be lost with it: so the log is
// written once more, as it is read, before SQLite builds on it. (A checkpoint instead would be torn by a
// crash in the middle, with a log on the disk that cannot mend it, and needs room on a full disk.)
Result<void> rewrite_log(io::Folder& folder, const std::string& log_name) {
    auto log = folder.open(log_name, io::OpenMode::write);
    if (!log) {
        if (log.error().is(std::errc::no_such_file_or_directory)) return {};
        return fail(std::move(log.error()));
    }
    std::vector<std::uint8_t> bytes(rewrite_bytes);
    for (std::uint64_t at = 0;;) {
        const auto count = (*log)->read_at(at, bytes);
        if (!count) return fail(count.error());
        if (*count == 0) break;
        if (auto written = (*log)->write_at(at, Bytes(bytes).first(*count)); !written) return written;
        at += *count;
    }
    return (*log)->sync();
}

Result<void> configure(Connection& connection, std::uint64_t size_max) {
    const auto pages = std::to_string(size_max / SqliteVfs::page_bytes);
    // Exclusive locking comes before the first read: only so does WAL work without shared memory.
    return connection.execute(
        "PRAGMA locking_mode=EXCLUSIVE; PRAGMA temp_store=MEMORY; PRAGMA foreign_keys=ON; PRAGMA "
        "trusted_schema=OFF;"
        "PRAGMA cell_size_check=ON; PRAGMA page_size=" +
        std::to_string(SqliteVfs::page_bytes) + "; PRAGMA max_page_count=" + pages +
        "; PRAGMA synchronous=FULL");
}

// A new file gets our mark first, in a transaction of its own and before WAL: the mark is then always in the
// file itself.
Result<void> check_owner(Connection& connection, std::int32_t application_id) {
    const auto owner = connection.number_of("PRAGMA application_id");
    if (!owner) return fail(owner.error());
    if (*owner == application_id) return {};
    const auto tables = connection.number_of("SELECT count(*) FROM sqlite_schema");
    if (!tables) return fail(tables.error());
    if (*owner != 0 || *tables != 0) return fail(refusal(connection, "it is a database of another program"));
    return connection.execute("PRAGMA application_id=" + std::to_string(application_id));
}

Result<void> check_content(Connection& connection) {
    static_cast<void>(connection.take_disk_error());
    const auto verdict = connection.text_of("PRAGMA quick_check(1)");
    if (!verdict) return fail(verdict.error());
    if (*verdict == "ok") return {};
    // Also of a page that the disk did not give, SQLite says only that it is not as it should be.
    if (auto failed = connection.take_disk_error(); failed && !failed->is(std::errc::bad_message))
        return fail(std::move(*failed));
    return fail(refusal(connection, "it is damaged (" + *verdict + ")"));
}

Result<void> use_wal(Connection& connection) {
    const auto mode = connection.text_of("PRAGMA journal_mode=WAL");
    if (!mode) return fail(mode.error());
    if (*mode != "wal")
        return fail(Error::invalid("open", connection.object(), "it cannot use a write-ahead log"));
    return connection.execute("PRAGMA synchronous=NORMAL");
}

Result<void> migrate(Connection& connection, std::span<const std::string_view> migrations) {
    const auto version = connection.number_of("PRAGMA user_version");
    if (!version) return fail(version.error());
    if (*version < 0 || static_cast<std::size_t>(*version) > migrations.size()) {
        return fail(refusal(connection, "it is of version " + std::to_string(*version) +
                                            ", made by a newer program (" + "this one knows " +
                                            std::to_string(migrations.size()) + ")"));
    }
    if (static_cast<std::size_t>(*version) == migrations.size()) return {};
    // All steps are one commit: a new database costs as many syncs as if it had been born so.
    std::string steps = "BEGIN IMMEDIATE";
    for (auto from = static_cast<std::size_t>(*version); from < migrations.size(); ++from)
        steps.append(";").append(migrations[from]);
    steps += ";PRAGMA user_version=" + std::to_string(migrations.size()) + ";COMMIT";
    return connection.execute(steps);
}

// What SQLite found wrong becomes the same advice as what we found.
Result<void> with_advice(const Connection& connection, Result<void> done) {
    if (done || !done.error().is(std::errc::bad_message) || done.error().operation == "open") return done;
    return fail(refusal(connection, "it is damaged (" + done.error().detail + ")"));
}

Result<void> prepare_for_use(Connection& connection, const DatabaseOptions& options) {
    if (auto done = configure(connection, options.size_max); !done) return done;
    if (auto done = check_owner(connection, options.application_id); !done) return done;
    if (auto done = check_content(connection); !done) return done;
    if (auto done = use_wal(connection); !done) return done;
    return migrate(connection, options.migrations);
}

}  // namespace

Result<Database> Database::open(io::Folder& folder, std::string_view name, const DatabaseOptions& options) {
    SPATE_ASSERT(is_clean_file_name(name) && options.application_id != 0);
    auto lock = folder.lock(std::string(name) + ".lock");
    if (!lock) {
        if (!lock.error().is(std::errc::device_or_resource_busy)) return fail(std::move(lock.error()));
        return fail(Error::invalid("open", folder.path() + "/" + std::string(name), "another process uses it",
                                   std::errc::device_or_resource_busy));
    }
    auto connection = std::make_unique<Connection>(folder, name, std::move(*lock));
    if (auto good = check_header(folder, name, *connection, options.application_id); !good) {
        return fail(std::move(good.error()));
    }
    if (auto rewritten = rewrite_log(folder, std::string(name) + "-wal"); !rewritten) {
        return fail(std::move(rewritten.error()));
    }
    if (auto opened = connection->open(); !opened) return fail(std::move(opened.error()));
    if (auto ready = with_advice(*connection, prepare_for_use(*connection, options)); !ready) {
        return fail(std::move(ready.error()));
    }
    return Database(std::move(connection));
}

Database::Database(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

Result<Statement> Database::prepare(std::string_view sql) {
    auto statement = connection_->prepare(sql);
    if (!statement) return fail(std::move(statement.error()));
    return Statement(*connection_, *statement);
}

Result<void> Database::execute(std::string_view sql) {
    return connection_->execute(std::string(sql));
}

Result<void> Database::begin(Durability durability) {
    SPATE_ASSERT(!connection_->in_transaction());
    if (durability != connection_->durability) {
        const bool power = durability == Durability::power;
        auto set = connection_->execute(power ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
        if (!set) return set;
        connection_->durability = durability;
    }
    return connection_->execute("BEGIN IMMEDIATE");
}

Result<void> Database::commit() {
    auto done = connection_->execute("COMMIT");
    if (!done) roll_back();
    return done;
}

void Database::roll_back() {
    // After some errors SQLite has rolled back by itself.
    if (!connection_->in_transaction()) return;
    static_cast<void>(connection_->execute("ROLLBACK").has_value());
}

}  // namespace spate::storage
