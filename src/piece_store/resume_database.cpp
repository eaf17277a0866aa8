#include "piece_store/resume_database.h"

#include <deque>
#include <utility>

#include "base/hex.h"
#include "piece_store/pool_job.h"
#include "storage/database.h"
#include "storage/state_folder.h"

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
    ") WITHOUT ROWID;"};

constexpr std::string_view select_rows =
    "SELECT torrent.key, metainfo, magnet, folder, options, state, downloaded, uploaded"
    " FROM torrent JOIN progress ON progress.key = torrent.key";

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

std::string resume_key(const metainfo::InfoHash& hash) {
    return hash.v2 ? to_hex(*hash.v2) : hash.v1 ? to_hex(*hash.v1) : std::string();
}

// What jobs work on, one at a time.
class RowStore {
  public:
    explicit RowStore(io::Files& files) : files_(files) {}

    Result<void> open(const std::string& path) {
        auto folder = storage::StateFolder::open(files_, path);
        if (!folder) return fail(folder.error());
        folder_.emplace(std::move(*folder));
        return open_database();
    }
    Result<std::vector<ResumeRow>> rows(const std::string& key_or_all);
    Result<void> put(const std::vector<ResumeRow>& rows);
    Result<void> save(const std::vector<ResumeProgress>& progress);
    Result<void> remove(const std::string& key);
    Result<void> set_folder(const std::string& key, const std::string& folder);

  private:
    Result<void> open_database();
    Result<void> move_damaged_aside();
    Result<void> put_one(const ResumeRow& row);
    Result<std::int64_t> count();
    // Runs `work` as one transaction; after an error of the disk the database is opened again for the next.
    template <class Work>
    Result<void> change(Work work);

    io::Files& files_;
    std::optional<storage::StateFolder> folder_;
    std::optional<storage::Database> database_;
};

Result<void> RowStore::open_database() {
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

Result<void> RowStore::move_damaged_aside() {
    auto& folder = folder_->folder();
    const std::string name(database_name);
    if (auto moved = folder.rename(name, damaged_name); !moved) return moved;
    for (const char* const suffix : {"-wal", "-journal"}) {
        auto removed = folder.remove(name + suffix);
        if (!removed && !removed.error().is(std::errc::no_such_file_or_directory)) return removed;
    }
    return folder.sync("");
}

Result<std::vector<ResumeRow>> RowStore::rows(const std::string& key_or_all) {
    if (!database_) {
        if (auto opened = open_database(); !opened) return fail(opened.error());
    }
    const std::string where = key_or_all.empty() ? "" : " WHERE torrent.key = ?";
    auto select = database_->prepare(std::string(select_rows) + where + " ORDER BY torrent.key");
    if (!select) return fail(select.error());
    if (!key_or_all.empty()) select->bind(1, key_or_all);
    std::vector<ResumeRow> found;
    for (;;) {
        const auto row = select->step();
        if (!row) return fail(row.error());
        if (!*row) return found;
        found.push_back(row_of(*select));
    }
}

template <class Work>
Result<void> RowStore::change(Work work) {
    if (!database_) {
        if (auto opened = open_database(); !opened) return opened;
    }
    auto done = database_->transact(storage::Durability::power, std::move(work));
    if (!done) database_.reset();
    return done;
}

Result<std::int64_t> RowStore::count() {
    auto count = database_->prepare("SELECT count(*) FROM progress");
    if (!count) return fail(count.error());
    if (const auto row = count->step(); !row) return fail(row.error());
    return count->integer(0);
}

Result<void> RowStore::put(const std::vector<ResumeRow>& rows) {
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

Result<void> RowStore::put_one(const ResumeRow& row) {
    auto torrent = database_->prepare(
        "INSERT INTO torrent VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (key) DO UPDATE"
        " SET metainfo = ?2, magnet = ?3, folder = ?4, options = ?5");
    if (!torrent) return fail(torrent.error());
    torrent->bind(1, row.key).bind(2, Bytes(row.metainfo)).bind(3, row.magnet);
    if (auto ran = torrent->bind(4, row.folder).bind(5, row.options).run(); !ran) return ran;
    auto progress = database_->prepare(
        "INSERT INTO progress VALUES (?1, ?2, ?3, ?4) ON CONFLICT (key) DO UPDATE"
        " SET state = ?2, downloaded = ?3, uploaded = ?4");
    if (!progress) return fail(progress.error());
    progress->bind(1, row.key).bind(2, Bytes(row.state));
    return progress->bind(3, static_cast<std::int64_t>(row.downloaded))
        .bind(4, static_cast<std::int64_t>(row.uploaded))
        .run();
}

Result<void> RowStore::save(const std::vector<ResumeProgress>& progress) {
    return change([&]() -> Result<void> {
        auto update = database_->prepare(
            "UPDATE progress SET state = ?2, downloaded = ?3, uploaded = ?4 WHERE key = ?1");
        if (!update) return fail(update.error());
        for (const auto& row : progress) {
            update->bind(1, row.key).bind(2, Bytes(row.state));
            update->bind(3, static_cast<std::int64_t>(row.downloaded));
            if (auto ran = update->bind(4, static_cast<std::int64_t>(row.uploaded)).run(); !ran) return ran;
        }
        return {};
    });
}

Result<void> RowStore::remove(const std::string& key) {
    return change([&]() -> Result<void> {
        auto erase = database_->prepare("DELETE FROM torrent WHERE key = ?");
        if (!erase) return fail(erase.error());
        return erase->bind(1, key).run();
    });
}

Result<void> RowStore::set_folder(const std::string& key, const std::string& folder) {
    return change([&]() -> Result<void> {
        auto update = database_->prepare("UPDATE torrent SET folder = ?2 WHERE key = ?1");
        if (!update) return fail(update.error());
        return update->bind(1, key).bind(2, folder).run();
    });
}

class ResumeDatabase::Impl : public std::enable_shared_from_this<ResumeDatabase::Impl> {
  public:
    explicit Impl(io::World& world) : world_(world), rows_(std::make_shared<RowStore>(world.files)) {}
    Impl(io::World& world, std::shared_ptr<Impl> home) : world_(world), home_(std::move(home)) {}

    void close() { open_ = false; }
    // `done` is dropped when the database is gone by then.
    template <class Job, class Done>
    void run(Job job, Done done) {
        home_ ? run_at_home(std::move(job), std::move(done)) : run_here(std::move(job), std::move(done));
    }

  private:
    // One job at a time.
    template <class Job, class Done>
    void run_here(Job job, Done done) {
        waiting_.push_back([this, job = std::move(job), done = std::move(done)]() mutable {
            run_job(
                world_.pool, weak_from_this(),
                [rows = rows_, job = std::move(job)]() mutable { return job(*rows); },
                [done = std::move(done)](Impl& self, auto result) mutable {
                    self.busy_ = false;
                    if (!self.open_) return;
                    self.next();
                    done(std::move(result));
                });
        });
        if (!busy_) next();
    }

    template <class Job, class Done>
    void run_at_home(Job job, Done done) {
        auto answer = [self = weak_from_this(), &reactor = world_.reactor,
                       done = std::move(done)](auto result) mutable {
            reactor.post(
                [self = std::move(self), done = std::move(done), result = std::move(result)]() mutable {
                    if (const auto alive = self.lock(); alive && alive->open_) done(std::move(result));
                });
        };
        home_->world_.reactor.post(
            [home = home_, job = std::move(job), answer = std::move(answer)]() mutable {
                if (home->open_) home->run_here(std::move(job), std::move(answer));
            });
    }

    void next() {
        if (waiting_.empty()) return;
        busy_ = true;
        auto start = std::move(waiting_.front());
        waiting_.pop_front();
        start();
    }

    io::World& world_;
    const std::shared_ptr<RowStore> rows_;  // null: a front
    const std::shared_ptr<Impl> home_;
    std::deque<std::move_only_function<void()>> waiting_;
    bool busy_ = false;
    bool open_ = true;
};

ResumeDatabase::ResumeDatabase(io::World& world) : impl_(std::make_shared<Impl>(world)) {}

ResumeDatabase::ResumeDatabase(io::World& world, const ResumeDatabase& home)
    : impl_(std::make_shared<Impl>(world, home.impl_)) {}

ResumeDatabase::~ResumeDatabase() {
    impl_->close();
}

void ResumeDatabase::open(std::string state_folder, Done done) {
    impl_->run([path = std::move(state_folder)](RowStore& rows) { return rows.open(path); }, std::move(done));
}

void ResumeDatabase::find(std::string key,
                          std::move_only_function<void(Result<std::optional<ResumeRow>>)> done) {
    impl_->run(
        [key = std::move(key)](RowStore& rows) -> Result<std::optional<ResumeRow>> {
            auto found = rows.rows(key);
            if (!found) return fail(found.error());
            if (found->empty()) return std::nullopt;
            return std::move(found->front());
        },
        std::move(done));
}

void ResumeDatabase::find_all_of(
    std::vector<std::string> keys,
    std::move_only_function<void(Result<std::vector<std::optional<ResumeRow>>>)> done) {
    impl_->run(
        [keys = std::move(keys)](RowStore& rows) -> Result<std::vector<std::optional<ResumeRow>>> {
            std::vector<std::optional<ResumeRow>> all;
            for (const std::string& key : keys) {
                auto found = rows.rows(key);
                if (!found) return fail(found.error());
                auto& one = all.emplace_back();
                if (!found->empty()) one = std::move(found->front());
            }
            return all;
        },
        std::move(done));
}

void ResumeDatabase::all(std::move_only_function<void(Result<std::vector<ResumeRow>>)> done) {
    impl_->run([](RowStore& rows) { return rows.rows(""); }, std::move(done));
}

void ResumeDatabase::put(ResumeRow row, Done done) {
    std::vector<ResumeRow> rows;
    rows.push_back(std::move(row));
    put_all(std::move(rows), std::move(done));
}

void ResumeDatabase::put_all(std::vector<ResumeRow> rows, Done done) {
    impl_->run([rows = std::move(rows)](RowStore& store) { return store.put(rows); }, std::move(done));
}

void ResumeDatabase::save(std::vector<ResumeProgress> progress, Done done) {
    impl_->run([progress = std::move(progress)](RowStore& rows) { return rows.save(progress); },
               std::move(done));
}

void ResumeDatabase::remove(std::string key, Done done) {
    impl_->run([key = std::move(key)](RowStore& rows) { return rows.remove(key); }, std::move(done));
}

void ResumeDatabase::set_folder(std::string key, std::string folder, Done done) {
    impl_->run([key = std::move(key),
                folder = std::move(folder)](RowStore& rows) { return rows.set_folder(key, folder); },
               std::move(done));
}

}  // namespace spate::piece_store
