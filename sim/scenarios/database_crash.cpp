// A database on the simulated disk, through storage's VFS: a commit that was said to be safe is there after
// any kill, power cut and disk error, whole; and the database opens again each time. It begins as one of
// version 1: its upgrade, at a drawn moment, is such a commit too.
#include <iterator>
#include <optional>
#include <span>
#include <utility>

#include "sim/scenarios/deaths.h"
#include "sim/scenarios/table.h"
#include "storage/database.h"

namespace spate::sim {
namespace {

constexpr std::string_view migrations[] = {
    "CREATE TABLE item (key INTEGER PRIMARY KEY, content BLOB NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE size (key INTEGER PRIMARY KEY REFERENCES item(key), bytes INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE total (items INTEGER NOT NULL); INSERT INTO total VALUES (0);",
    "CREATE TABLE item_by_number (number INTEGER PRIMARY KEY, key INTEGER NOT NULL UNIQUE,"
    " content BLOB NOT NULL);"
    "INSERT INTO item_by_number (key, content) SELECT key, content FROM item;"
    "CREATE TABLE size_by_number (number INTEGER PRIMARY KEY REFERENCES item_by_number(number),"
    " bytes INTEGER NOT NULL);"
    "INSERT INTO size_by_number SELECT number, bytes FROM item_by_number JOIN size USING (key);"
    "DROP TABLE size; DROP TABLE item;"
    "ALTER TABLE item_by_number RENAME TO item; ALTER TABLE size_by_number RENAME TO size",
    "ALTER TABLE item ADD COLUMN note TEXT NOT NULL DEFAULT ''"};

struct DatabaseBoard {
    std::size_t version = 1;  // the program's
    bool upgrading = false;   // no newer one has opened it yet
    std::int64_t safe = 0;    // commits said to be safe
    std::int64_t openings = 0;
    std::optional<std::string> complaint;
};

// The disk's side; runs in the pool.
class ItemStore {
  public:
    explicit ItemStore(io::World& world) : world_(world) {}

    // Opens, or adds one item: the number of items that are safe now.
    Result<std::int64_t> step(std::size_t version) {
        if (std::exchange(version_, version) != version) database_.reset();
        auto items = database_ ? add() : open();
        if (!items) {
            database_.reset();
            last_error = items.error().message();
        }
        return items;
    }
    std::string last_error;

  private:
    Result<std::int64_t> open() {
        if (!folder_) {
            auto folder = world_.files.open_folder("/state", io::IfMissing::make);
            if (!folder) return fail(folder.error());
            folder_ = std::move(*folder);
        }
        const storage::DatabaseOptions options{.application_id = 0x51a7,
                                               .migrations = std::span(migrations).first(version_)};
        auto database = storage::Database::open(*folder_, "items.db", options);
        if (!database) return fail(database.error());
        database_.emplace(std::move(*database));
        const auto items = count();
        const auto pairs = number("SELECT count(*) FROM item JOIN size USING (" + link() +
                                  ") WHERE bytes = length(content)");
        const auto orphans = number("SELECT count(*) FROM pragma_foreign_key_check");
        if (!items || !pairs || !orphans)
            return fail(!items ? items.error() : !pairs ? pairs.error() : orphans.error());
        return *pairs == *items && *orphans == 0 ? *items : -1;
    }

    // The column by which a size belongs to its item.
    std::string link() const { return version_ == 1 ? "key" : "number"; }

    Result<std::int64_t> number(std::string_view sql) {
        auto statement = database_->prepare(sql);
        if (!statement) return fail(statement.error());
        if (auto row = statement->step(); !row) return fail(row.error());
        return statement->integer(0);
    }

    // -1 when the tables contradict each other.
    Result<std::int64_t> count() {
        const auto total = number("SELECT items FROM total");
        const auto rows = number("SELECT count(*) FROM item");
        const auto last = number("SELECT coalesce(max(key), 0) FROM item");
        if (!total || !rows || !last)
            return fail(!total ? total.error() : !rows ? rows.error() : last.error());
        return *total == *rows && *rows == *last ? *total : -1;
    }

    Result<std::int64_t> add() {
        const auto before = count();
        if (!before) return fail(before.error());
        const std::vector<std::uint8_t> content(static_cast<std::size_t>(*before * 997 % 6000));
        const auto done = database_->transact(storage::Durability::power, [&]() -> Result<void> {
            auto insert = database_->prepare("INSERT INTO item (key, content) VALUES (?, ?)");
            if (!insert) return fail(insert.error());
            if (auto ran = insert->bind(1, *before + 1).bind(2, content).run(); !ran) return ran;
            auto size = database_->prepare("INSERT INTO size SELECT " + link() +
                                           ", length(content) FROM item WHERE key = ?");
            if (!size) return fail(size.error());
            if (auto ran = size->bind(1, *before + 1).run(); !ran) return ran;
            return database_->execute("UPDATE total SET items = items + 1");
        });
        if (!done) return fail(done.error());
        return *before + 1;
    }

    io::World& world_;
    std::size_t version_ = 0;
    std::unique_ptr<io::Folder> folder_;
    std::optional<storage::Database> database_;
};

class ItemWriter {
  public:
    ItemWriter(io::World& world, Simulation& simulation, std::shared_ptr<DatabaseBoard> board)
        : world_(world),
          simulation_(simulation),
          board_(std::move(board)),
          store_(std::make_shared<ItemStore>(world)),
          pause_(world.reactor.make_timer([this] { next(); })) {
        if (board_->upgrading) simulation_.mark("died before the upgrade was done");
        next();
    }

  private:
    void next() {
        const auto result = std::make_shared<std::optional<Result<std::int64_t>>>();
        world_.pool.submit(
            [store = store_, result, version = board_->version] { *result = store->step(version); },
            [this, result, version = board_->version] { done(version, **result); });
    }
    void done(std::size_t version, const Result<std::int64_t>& items) {
        if (board_->upgrading && version > 1) {
            simulation_.mark(items ? "upgraded" : "upgrade failed");
            board_->upgrading = !items;
        }
        if (!items) {
            pause_->arm(world_.reactor.now() + std::chrono::milliseconds(500));
            return;
        }
        ++board_->openings;
        if (*items < board_->safe) {
            board_->complaint = "the database has " + std::to_string(*items) + " items, " +
                                std::to_string(board_->safe) + " were said to be safe";
        }
        board_->safe = *items;
        pause_->arm(world_.reactor.now() + std::chrono::milliseconds(30));
    }

    io::World& world_;
    Simulation& simulation_;
    std::shared_ptr<DatabaseBoard> board_;
    std::shared_ptr<ItemStore> store_;
    std::unique_ptr<io::Timer> pause_;
};

}  // namespace

void run_database_crash(Testbed& testbed) {
    auto& simulation = testbed.simulation();
    auto& host = testbed.add_host("writer");
    testbed.add_host("bystander");
    const auto board = std::make_shared<DatabaseBoard>();
    simulation.check_always([board] { return board->complaint; });
    host.run("items", [board, &simulation](const ProgramStart& start) {
        return std::make_shared<ItemWriter>(start.world, simulation, board);
    });
    simulation.at(simulation.now() + std::chrono::milliseconds(simulation.rng().below(19'000)),
                  [board, &host, &simulation] {
                      board->version = std::size(migrations);
                      board->upgrading = true;
                      // The more there is to be brought over, the more calls that takes.
                      plan_deaths(host, simulation.rng(),
                                  {.count = 4, .calls = 40 + 4 * static_cast<std::uint64_t>(board->safe)});
                  });
    run_through_deaths(testbed, host, {.calls = 1000});
    const auto goal = board->safe + 20;
    if (!simulation.run_until([&] { return board->safe >= goal; }, std::chrono::minutes(5))) {
        simulation.fail("after all faults healed no commit became safe any more");
    }
}

}  // namespace spate::sim
