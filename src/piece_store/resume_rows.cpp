#include "piece_store/resume_rows.h"

#include <utility>

namespace spate::piece_store {
namespace {

constexpr std::int32_t application_id = 0x53707273;  // "Sprs"
constexpr std::string_view database_name = "torrents.db";
constexpr std::string_view damaged_name = "torrents.db.damaged";

constexpr std::string_view migrations[] = {
    "CREATE TABLE torrent ("
    " key TEXT PRIMARY KEY,"
    " metainfo BLOB NOT NULL,"
    " magnet TEXT NOT NULL,"
    " folder TEXT NOT NULL,"
    " options TEXT NOT NULL"
    ") WITHOUT ROWID;"
    "CREATE TABLE progress ("
    " key TEXT PRIMARY KEY REFERENCES torrent(key) ON DELETE CASCADE,"
    " state BLOB NOT NULL,"
    " downloaded INTEGER NOT NULL,"
    " uploaded INTEGER NOT NULL"
    ") WITHOUT ROWID;",
    // A table that is its own index compares whole rows: of those that are longer than a quarter of a page it
    // reads two pages for each comparison. By number, rows lie in the order in which they came.
    "CREATE TABLE torrent_by_number ("
    " number INTEGER PRIMARY KEY,"
    " key TEXT NOT NULL UNIQUE,"
    " metainfo BLOB NOT NULL,"
    " magnet TEXT NOT NULL,"
    " folder TEXT NOT NULL,"
    " options TEXT NOT NULL"
    ");"
    "INSERT INTO torrent_by_number (key, metainfo, magnet, folder, options)"
    " SELECT key, metainfo, magnet, folder, options FROM torrent;"
    "CREATE TABLE progress_by_number ("
    " number INTEGER PRIMARY KEY REFERENCES torrent_by_number(number) ON DELETE CASCADE,"
    " state BLOB NOT NULL,"
    " downloaded INTEGER NOT NULL,"
    " uploaded INTEGER NOT NULL"
    ");"
    "INSERT INTO progress_by_number SELECT number, state, downloaded, uploaded"
    " FROM torrent_by_number JOIN progress ON progress.key = torrent_by_number.key;"
    "DROP TABLE progress;"
    "DROP TABLE torrent;"
    "ALTER TABLE torrent_by_number RENAME TO torrent;"
    "ALTER TABLE progress_by_number RENAME TO progress"};

constexpr std::string_view select_row =
    "SELECT key, metainfo, magnet, folder, options, state, downloaded, uploaded"
    " FROM torrent JOIN progress ON progress.number = torrent.number WHERE key = ?";
constexpr std::string_view number_of_key = "(SELECT number FROM torrent WHERE key = ?1)";

ResumeRow row_of(const storage::Statement& statement) {
    const auto copy = [](Bytes bytes) { return std::vector<std::uint8_t>(bytes.begin(), bytes.end()); };
    return {.key = std::string(statement.text(0)),
            .metainfo = copy(statement.blob(1)),
            .magnet = std::string(statement.text(2)),
            .folder = std::string(statement.text(3)),
            .options = std::string(statement.text(4)),
            .state = copy(statement.blob(5)),
            .downloaded = static_cast<std::uint64_t>(statement.integer(6)),
            .uploaded = static_cast<std::uint64_t>(statement.integer(7))};
}

// A disk that fails now may do better later, and what a newer version wrote is not ours to judge: only what
// the file itself shows.
bool is_damage(const Error& error) {
    return error.is(std::errc::bad_message) &&
           (error.detail.starts_with("it is damaged") || error.detail.starts_with("it is no database"));
}

}  // namespace

Result<void> ResumeRows::ensure_open() {
    if (database_) return {};
    const auto open = [&] {
        return storage::Database::open(folder_->folder(), database_name,
                                       {.application_id = application_id, .migrations = migrations});
    };
    auto database = open();
    if (!database && is_damage(database.error())) {
        if (auto moved = move_damaged_aside(); !moved) return moved;
        database = open();
    }
    if (!database) return fail(database.error());
    database_.emplace(std::move(*database));
    return {};
}

Result<void> ResumeRows::move_damaged_aside() {
    auto& folder = folder_->folder();
    const std::string name(database_name);
    if (auto moved = folder.rename(name, damaged_name); !moved) return moved;
    for (const char* const suffix : {"-wal", "-journal"}) {
        auto removed = folder.remove(name + suffix);
        if (!removed && !removed.error().is(std::errc::no_such_file_or_directory)) return removed;
    }
    moved_aside_ = Error::invalid("open", folder.path() + "/" + name,
                                  "it is damaged; it is kept as " + std::string(damaged_name) +
                                      ", and what is there already is hashed once more",
                                  std::errc::bad_message);
    return folder.sync("");
}

Result<std::vector<std::optional<ResumeRow>>> ResumeRows::rows(const std::vector<std::string>& keys) {
    if (auto opened = ensure_open(); !opened) return fail(opened.error());
    auto by_key = database_->prepare(select_row);
    if (!by_key) return fail(by_key.error());
    std::vector<std::optional<ResumeRow>> found;
    found.reserve(keys.size());
    for (const std::string& key : keys) {
        const auto row = by_key->bind(1, key).step();
        if (!row) return fail(row.error());
        found.push_back(*row ? std::optional(row_of(*by_key)) : std::nullopt);
        by_key->reset();
    }
    return found;
}

template <class Work>
Result<void> ResumeRows::change(Work work) {
    if (auto opened = ensure_open(); !opened) return opened;
    auto done = database_->transact(storage::Durability::power, std::move(work));
    if (!done) database_.reset();
    return done;
}

Result<std::int64_t> ResumeRows::count() {
    if (auto opened = ensure_open(); !opened) return fail(opened.error());
    auto count = database_->prepare("SELECT count(*) FROM progress");
    if (!count) return fail(count.error());
    if (const auto row = count->step(); !row) return fail(row.error());
    return count->integer(0);
}

Result<void> ResumeRows::put(const std::vector<ResumeRow>& rows) {
    return change([&]() -> Result<void> {
        for (const ResumeRow& row : rows)
            if (auto ran = put_one(row); !ran) return ran;
        const auto all = count();
        if (!all) return fail(all.error());
        if (*all > static_cast<std::int64_t>(ResumeDatabase::rows_max))
            return fail(Error::invalid("remember torrent", rows.front().key, "too many torrents"));
        return {};
    });
}

Result<void> ResumeRows::put_one(const ResumeRow& row) {
    auto torrent = database_->prepare(
        "INSERT INTO torrent (key, metainfo, magnet, folder, options) VALUES (?1, ?2, ?3, ?4, ?5)"
        " ON CONFLICT (key) DO UPDATE"
        " SET metainfo = ?2, magnet = ?3, folder = ?4, options = ?5");
    if (!torrent) return fail(torrent.error());
    torrent->bind(1, row.key).bind(2, Bytes(row.metainfo)).bind(3, row.magnet);
    if (auto ran = torrent->bind(4, row.folder).bind(5, row.options).run(); !ran) return ran;
    auto progress = database_->prepare(
        "INSERT INTO progress VALUES (" + std::string(number_of_key) +
        ", ?2, ?3, ?4) ON CONFLICT (number) DO UPDATE SET state = ?2, downloaded = ?3, uploaded = ?4");
    if (!progress) return fail(progress.error());
    progress->bind(1, row.key).bind(2, Bytes(row.state));
    return progress->bind(3, static_cast<std::int64_t>(row.downloaded))
        .bind(4, static_cast<std::int64_t>(row.uploaded))
        .run();
}

Result<void> ResumeRows::save(const std::vector<ResumeProgress>& progress) {
    return change([&]() -> Result<void> {
        auto update = database_->prepare(
            "UPDATE progress SET state = ?2, downloaded = ?3, uploaded = ?4 WHERE number = " +
            std::string(number_of_key));
        if (!update) return fail(update.error());
        for (const auto& row : progress) {
            update->bind(1, row.key).bind(2, Bytes(row.state));
            update->bind(3, static_cast<std::int64_t>(row.downloaded));
            if (auto ran = update->bind(4, static_cast<std::int64_t>(row.uploaded)).run(); !ran) return ran;
        }
        return {};
    });
}

Result<void> ResumeRows::remove(const std::string& key) {
    return change([&]() -> Result<void> {
        auto erase = database_->prepare("DELETE FROM torrent WHERE key = ?");
        if (!erase) return fail(erase.error());
        return erase->bind(1, key).run();
    });
}

Result<void> ResumeRows::set_folder(const std::string& key, const std::string& folder) {
    return change([&]() -> Result<void> {
        auto update = database_->prepare("UPDATE torrent SET folder = ?2 WHERE key = ?1");
        if (!update) return fail(update.error());
        return update->bind(1, key).bind(2, folder).run();
    });
}

}  // namespace spate::piece_store
