// A database on the simulated disk, through storage's VFS: a commit that was said to be safe is there after
// any kill, power cut and disk error, whole; and the database opens again each time.
#include <optional>

#include "sim/scenarios/deaths.h"
#include "sim/scenarios/table.h"
#include "storage/database.h"

namespace spate::sim {
namespace {

constexpr std::string_view migrations[] = {
    "CREATE TABLE item (number INTEGER PRIMARY KEY, content BLOB NOT NULL);"
    "CREATE TABLE total (items INTEGER NOT NULL); INSERT INTO total VALUES (0);"};

struct DatabaseBoard {
    std::int64_t safe = 0;  // commits said to be safe
    std::int64_t openings = 0;
    std::optional<std::string> complaint;
};

// The disk's side; runs in the pool.
class ItemStore {
  public:
    explicit ItemStore(io::World& world) : world_(world) {}

    // Opens, or adds one item: the number of items that are safe now.
    Result<std::int64_t> step() {
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
        const storage::DatabaseOptions options{.application_id = 0x51a7, .migrations = migrations};
        auto database = storage::Database::open(*folder_, "items.db", options);
        if (!database) return fail(database.error());
        database_.emplace(std::move(*database));
        return count();
    }

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
        const auto last = number("SELECT coalesce(max(number), 0) FROM item");
        if (!total || !rows || !last)
            return fail(!total ? total.error() : !rows ? rows.error() : last.error());
        return *total == *rows && *rows == *last ? *total : -1;
    }

    Result<std::int64_t> add() {
        const auto before = count();
        if (!before) return fail(before.error());
        const std::vector<std::uint8_t> content(static_cast<std::size_t>(*before * 997 % 6000));
        const auto done = database_->transact(storage::Durability::power, [&]() -> Result<void> {
            auto insert = database_->prepare("INSERT INTO item VALUES (?, ?)");
            if (!insert) return fail(insert.error());
            if (auto ran = insert->bind(1, *before + 1).bind(2, content).run(); !ran) return ran;
            return database_->execute("UPDATE total SET items = items + 1");
        });
        if (!done) return fail(done.error());
        return *before + 1;
    }

    io::World& world_;
    std::unique_ptr<io::Folder> folder_;
    std::optional<storage::Database> database_;
};

class ItemWriter {
  public:
    ItemWriter(io::World& world, std::shared_ptr<DatabaseBoard> board)
        : world_(world),
          board_(std::move(board)),
          store_(std::make_shared<ItemStore>(world)),
          pause_(world.reactor.make_timer([this] { next(); })) {
        next();
    }

  private:
    void next() {
        const auto result = std::make_shared<std::optional<Result<std::int64_t>>>();
        world_.pool.submit([store = store_, result] { *result = store->step(); },
                           [this, result] { done(**result); });
    }
    void done(const Result<std::int64_t>& items) {
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
    host.run("items",
             [board](const ProgramStart& start) { return std::make_shared<ItemWriter>(start.world, board); });
    run_through_deaths(testbed, host, {.calls = 1000});
    const auto goal = board->safe + 20;
    if (!simulation.run_until([&] { return board->safe >= goal; }, std::chrono::minutes(5))) {
        simulation.fail("after all faults healed no commit became safe any more");
    }
}

}  // namespace spate::sim
