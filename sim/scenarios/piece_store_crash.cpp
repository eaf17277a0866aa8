// A download into a piece store with its resume state, while the process is killed, power is cut and the disk
// fails, at any call, also while the files are moved to another folder: what the store says it has after a
// restart is on the disk and right, and in the end everything is.
#include <algorithm>
#include <array>
#include <optional>

#include "piece_store/checkpoints.h"
#include "piece_store/test_torrent.h"
#include "sim/scenarios/deaths.h"
#include "sim/scenarios/table.h"

namespace spate::sim {
namespace {

using metainfo::FileIndex;
using metainfo::PieceIndex;
using piece_store::TestTorrent;

// By rename or, behind a link, by copying.
constexpr std::array places{"/data", "/other", "/link/far"};
constexpr std::string_view link_name = "/link";
constexpr std::string_view link_target = "/volume";

std::string behind_links(const std::string& folder) {
    if (!folder.starts_with(link_name)) return folder;
    return std::string(link_target) + folder.substr(link_name.size());
}

// What the scenario looks at; outlives the processes.
struct StoreBoard {
    TestTorrent torrent;
    std::vector<bool> wanted;
    Host* host = nullptr;
    Rng rng{1};
    std::uint32_t there = 0;  // wanted pieces that the store has now
    std::uint32_t goal = 0;
    std::optional<std::string> complaint;
    bool unsaved = false;  // a state could not be saved: a file may be there that none knows

    bool is_wanted(PieceIndex piece) const {
        const auto& layout = torrent.layout();
        const auto slices = layout.slices(layout.piece_offset(piece), layout.piece_size(piece));
        return std::ranges::any_of(slices, [&](const auto& slice) { return wanted[slice.file.value]; });
    }
    // Every piece the store has, as programs see the disk.
    void audit(const metainfo::Bitfield& have, const std::string& place, const std::string& when) {
        const auto& layout = torrent.layout();
        const auto folder = behind_links(place);
        const auto parts = host->disk().get(folder + "/.T.parts");
        for (auto piece = have.next_set({}); piece; piece = have.next_set(piece->next())) {
            for (const auto& slice : layout.slices(layout.piece_offset(*piece), layout.piece_size(*piece))) {
                if (slice.pad) continue;
                const auto& file = layout.file(slice.file);
                auto bytes = host->disk().get(folder + "/" + file.path);
                auto offset = slice.offset;
                if (!bytes) {
                    bytes = parts;
                    offset += file.offset;
                }
                const auto right = Bytes(torrent.space).subspan(file.offset + slice.offset, slice.size);
                const bool same = bytes && bytes->size() >= offset + slice.size &&
                                  std::ranges::equal(Bytes(*bytes).subspan(offset, slice.size), right);
                if (!same && !complaint)
                    complaint = when + " the store has piece " + std::to_string(piece->value) +
                                ", but its bytes in " + file.path + " are wrong";
            }
        }
    }
};

// Where a state that was not saved is told.
class StoreLog final : public Log {
  public:
    explicit StoreLog(std::shared_ptr<StoreBoard> board) : board_(std::move(board)) {}
    void write(LogLevel, std::string_view) override { board_->unsaved = true; }

  private:
    std::shared_ptr<StoreBoard> board_;
};

// The parts of one try; a failed opening makes new ones.
struct StoreParts {
    StoreParts(io::World& world, Log& log)
        : resources(world), database(world), checkpoints(world, database, log) {}
    piece_store::Resources resources;
    piece_store::ResumeDatabase database;
    piece_store::Checkpoints checkpoints;
    std::unique_ptr<piece_store::PieceStore> store;
};

class StoreDownload final : public piece_store::StoreEvents {
  public:
    StoreDownload(const ProgramStart& start, std::shared_ptr<StoreBoard> board)
        : world_(start.world),
          board_(std::move(board)),
          log_(board_),
          pause_(world_.reactor.make_timer([this] { go_on(); })),
          key_(piece_store::resume_key(board_->torrent.metainfo->info.hash)) {
        begin();
    }
    ~StoreDownload() override {
        if (parts_ && parts_->store) parts_->checkpoints.remove(*parts_->store);
    }

  private:
    Simulation& simulation() { return board_->host->simulation(); }
    void begin() {
        parts_ = std::make_unique<StoreParts>(world_, log_);
        parts_->database.open("/state", [this](const auto& opened) {
            if (!opened) return try_again();
            parts_->database.find(key_, [this](auto row) { on_row(std::move(row)); });
        });
    }
    void try_again() {
        failed_ = true;
        pause_->arm(world_.reactor.now() + std::chrono::milliseconds(300));
    }
    void on_row(Result<std::optional<piece_store::ResumeRow>> row) {
        if (!row) return try_again();
        if (*row) {
            folder_ = (*row)->folder;
            if ((*row)->state.empty()) return open({});
            auto state = piece_store::read_state((*row)->state, board_->torrent.layout());
            if (!state && !board_->complaint) board_->complaint = "the saved state cannot be read";
            return open(std::move(state));
        }
        piece_store::ResumeRow fresh;
        fresh.key = key_;
        fresh.folder = folder_;
        parts_->database.put(fresh, [this](Result<void> put) { put ? open({}) : try_again(); });
    }
    void open(std::optional<piece_store::StoredState> state) {
        if (state && !state->have.none()) simulation().mark("piece store: began with a saved state");
        if (state && !state->moving.empty() && state->moving != folder_)
            simulation().mark("piece store: a move was undone at a start");
        piece_store::StoreOptions options;
        options.metainfo = board_->torrent.metainfo;
        options.folder = folder_;
        options.wanted = board_->wanted;
        options.state = std::move(state);
        options.keeps_state = true;
        options.overwrite = overwrite_;
        parts_->store = std::make_unique<piece_store::PieceStore>(world_, parts_->resources, *this, options);
        parts_->store->open([this](Result<piece_store::Opened> opened) {
            if (!opened) return refused(opened.error());
            board_->audit(parts_->store->have(), folder_, "after opening");
            if (!opened->unfinished.empty())
                simulation().mark("piece store: blocks of an unfinished piece kept");
            if (!parts_->store->have().none()) simulation().mark("piece store: trusted pieces at a start");
            if (!opened->needs_check) return start();
            simulation().mark("piece store: checked at a start");
            parts_->store->check([this](const Result<void>& checked) {
                if (!checked) return refused(checked.error());
                board_->audit(parts_->store->have(), folder_, "after a check");
                start();
            });
        });
    }
    // As a person would who knows that the file is his own; which must be needed only where the state folder
    // took nothing.
    void refused(const Error& error) {
        if (error.is(std::errc::file_exists)) {
            simulation().mark("piece store: a file that no state knows");
            if (!board_->unsaved && !board_->complaint)
                board_->complaint = "its own file passes for somebody else's: " + error.message();
            overwrite_ = true;
        }
        try_again();
    }
    void start() {
        parts_->checkpoints.add(*parts_->store, key_, [] { return piece_store::Checkpoints::Totals{}; });
        started_ = true;
        go_on();
    }
    void go_on() {
        if (std::exchange(failed_, false)) return begin();
        if (!started_) return;
        if (board_->rng.chance(1, 8)) parts_->store->retry();
        if (board_->rng.chance(1, 40)) move();
        bring_piece();
        pause_->arm(world_.reactor.now() + std::chrono::milliseconds(1 + board_->rng.below(150)));
    }
    void move() {
        auto& store = *parts_->store;
        const std::string to = places[board_->rng.below(places.size())];
        if (store.moving() || to == store.folder()) return;
        simulation().mark("piece store: began a move");
        store.move_to(
            to, [this, to](auto said) { parts_->database.set_folder(key_, to, std::move(said)); },
            [this, to](Result<void> moved) {
                simulation().mark(moved ? "piece store: moved" : "piece store: a move failed");
                board_->audit(parts_->store->have(), parts_->store->folder(), "after a move");
                count();
            });
    }
    bool can_bring(PieceIndex piece) const {
        return board_->is_wanted(piece) && !parts_->store->have().has(piece) && !awaited_.contains(piece);
    }
    // A random piece, if it is missing, else now and then the next that is: the last of many is drawn too
    // rarely. At times a wrong one, or only some blocks of it.
    void bring_piece() {
        auto& store = *parts_->store;
        const auto& torrent = board_->torrent;
        PieceIndex piece(static_cast<std::uint32_t>(board_->rng.below(torrent.pieces())));
        count();
        if (!can_bring(piece) && board_->rng.chance(1, 4))
            for (auto rest = torrent.pieces(); rest > 1 && !can_bring(piece); --rest)
                piece = PieceIndex((piece.value + 1) % torrent.pieces());
        if (!can_bring(piece)) return;
        const auto right = torrent.piece(piece.value);
        std::vector<std::uint8_t> bytes(right.begin(), right.end());
        if (board_->rng.chance(1, 10)) bytes[board_->rng.below(bytes.size())] ^= 4;
        const bool whole = board_->rng.chance(1, 2);
        for (std::size_t at = 0; at < bytes.size(); at += metainfo::block_size) {
            const auto size = std::min<std::size_t>(metainfo::block_size, bytes.size() - at);
            if (!whole && board_->rng.chance(1, 2)) continue;
            store.write(piece_store::Source(1), piece, static_cast<std::uint32_t>(at),
                        Bytes(bytes).subspan(at, size));
        }
        if (!whole) return;
        awaited_.insert(piece);
        store.verify(piece);
    }
    void count() {
        board_->there = 0;
        const auto& have = parts_->store->have();
        for (auto piece = have.next_set({}); piece; piece = have.next_set(piece->next()))
            board_->there += board_->is_wanted(*piece);
    }
    void on_verdicts(std::span<const piece_store::PieceVerdict> verdicts) override {
        for (const auto& verdict : verdicts) {
            awaited_.erase(verdict.piece);
            using Outcome = piece_store::PieceVerdict::Outcome;
            if (verdict.outcome == Outcome::bad) simulation().mark("piece store: a bad piece");
        }
        count();
    }
    void on_disk_trouble(const Error&) override {
        simulation().mark("piece store: the disk refused a piece");
    }
    void on_disk_well() override {
        simulation().mark("piece store: what the disk refused was written later");
    }
    void on_lost(std::span<const PieceIndex>, const Error&) override {
        simulation().mark("piece store: pieces lost by the disk");
        count();
    }

    io::World& world_;
    std::shared_ptr<StoreBoard> board_;
    StoreLog log_;
    std::unique_ptr<io::Timer> pause_;
    const std::string key_;
    std::string folder_ = places.front();
    std::set<PieceIndex> awaited_;
    bool failed_ = false;
    bool overwrite_ = false;
    bool started_ = false;
    std::unique_ptr<StoreParts> parts_;
};

std::shared_ptr<StoreBoard> make_board(Testbed& testbed) {
    auto& rng = testbed.simulation().rng();
    auto board = std::make_shared<StoreBoard>();
    using metainfo::TorrentVersion;
    const TorrentVersion version = rng.chance(1, 2)   ? TorrentVersion::v1
                                   : rng.chance(1, 2) ? TorrentVersion::v2
                                                      : TorrentVersion::hybrid;
    std::vector<std::uint64_t> sizes;
    // Many are synced all at once.
    const bool many = rng.chance(1, 5);
    for (auto files = many ? 60 + rng.below(100) : 1 + rng.below(5); files > 0; --files)
        sizes.push_back(rng.below(many ? 3'000 : 200'000));
    if (sizes.size() == 1) ++sizes.front();
    board->torrent = piece_store::make_torrent(version, sizes, 16384U << rng.below(3), rng.next());
    for (const auto& file : board->torrent.layout().files())
        board->wanted.push_back(!file.attributes.pad && (sizes.size() == 1 || rng.chance(3, 4)));
    board->rng = Rng(rng.next());
    for (PieceIndex piece; piece.value < board->torrent.pieces(); ++piece)
        board->goal += board->is_wanted(piece);
    return board;
}

}  // namespace

void run_piece_store_crash(Testbed& testbed) {
    auto& simulation = testbed.simulation();
    auto& host = testbed.add_host("downloader");
    testbed.add_host("bystander");
    const auto board = make_board(testbed);
    board->host = &host;
    host.disk().put_link(std::string(link_name), std::string(link_target));
    simulation.check_always([board] { return board->complaint; });
    auto& process = host.run("store", [board](const ProgramStart& start) {
        return std::make_shared<StoreDownload>(start, board);
    });
    run_through_deaths(testbed, host, {.count = 8, .calls = 1500});
    if (!simulation.run_until([&] { return board->there == board->goal; }, std::chrono::minutes(5))) {
        simulation.fail("after all faults healed the download did not end: " + std::to_string(board->there) +
                        " pieces of " + std::to_string(board->goal));
        return;
    }
    // A last restart finds all of it by the state alone.
    simulation.run_for(std::chrono::seconds(10));
    process.kill();
    process.start();
    board->there = 0;
    if (!simulation.run_until([&] { return board->there == board->goal; }, std::chrono::seconds(20)))
        simulation.fail("after a kill " + std::to_string(board->there) + " pieces of " +
                        std::to_string(board->goal) + " are there");
}

}  // namespace spate::sim
