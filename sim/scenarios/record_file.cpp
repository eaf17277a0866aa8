#include "sim/scenarios/record_file.h"

#include <chrono>

#include "base/rng.h"

namespace spate::sim {

namespace {

constexpr Duration pause_after_error = std::chrono::milliseconds(500);
constexpr Duration pause_after_record = std::chrono::milliseconds(20);

// Record: length (1), content drawn from the number, so that every octet can be checked.
std::vector<std::uint8_t> record(std::uint64_t number) {
    Rng rng(number);
    std::vector<std::uint8_t> octets(24 + rng.below(200));
    octets[0] = static_cast<std::uint8_t>(octets.size());
    for (std::size_t i = 1; i < octets.size(); ++i) octets[i] = static_cast<std::uint8_t>(rng.next());
    return octets;
}

Result<std::vector<std::uint8_t>> read_all(io::File& file) {
    const auto size = file.size();
    if (!size) return fail(size.error());
    std::vector<std::uint8_t> content(*size);
    const auto got = file.read_at(0, content);
    if (!got) return fail(got.error());
    content.resize(*got);
    return content;
}

}  // namespace

struct RecordWriter::Store {
    io::World& world;
    Durability durability;
    std::unique_ptr<io::Folder> folder;
    std::unique_ptr<io::FolderLock> lock;
    std::unique_ptr<io::File> file;
    std::uint64_t count = 0;  // good records in the file
    std::uint64_t length = 0;
    std::optional<std::uint64_t> recovered;  // set by a recovery until seen
    Result<void> result;

    Result<void> prepare() {
        if (folder) return {};
        auto opened = world.files.open_folder("/data", io::IfMissing::make);
        if (!opened) return fail(opened.error());
        auto locked = (*opened)->lock("lock");
        if (!locked) return fail(locked.error());
        folder = std::move(*opened);
        lock = std::move(*locked);
        return {};
    }

    Result<void> sync_file(io::File& target) {
        return durability == Durability::synced ? target.sync() : Result<void>();
    }

    Result<void> recover() {
        if (auto prepared = prepare(); !prepared) return prepared;
        auto old = folder->open("records", io::OpenMode::create);
        if (!old) return fail(old.error());
        auto content = read_all(**old);
        if (!content) return fail(content.error());
        count = length = 0;
        for (auto next = record(1); content->size() - length >= next.size(); next = record(count + 1)) {
            if (!std::equal(next.begin(), next.end(), content->begin() + static_cast<std::ptrdiff_t>(length)))
                break;
            ++count;
            length += next.size();
        }
        auto fresh = folder->open("records.new", io::OpenMode::create_empty);
        if (!fresh) return fail(fresh.error());
        if (auto r = (*fresh)->write_at(0, Bytes(*content).first(length)); !r) return r;
        if (auto r = sync_file(**fresh); !r) return r;
        if (auto r = folder->rename("records.new", "records"); !r) return r;
        if (auto r = folder->sync(""); !r) return r;
        file = std::move(*fresh);
        recovered = count;
        return {};
    }

    Result<void> append() {
        const auto next = record(count + 1);
        if (auto r = file->write_at(length, next); !r) return r;
        if (auto r = sync_file(*file); !r) return r;
        ++count;
        length += next.size();
        return {};
    }

    void step() {
        result = file ? append() : recover();
        if (!result) file.reset();
    }
};

RecordWriter::RecordWriter(io::World& world, std::shared_ptr<RecordBoard> board, Durability durability)
    : world_(world),
      board_(std::move(board)),
      store_(std::make_shared<Store>(world, durability)),
      pause_(world.reactor.make_timer([this] { next(); })) {
    next();
}

void RecordWriter::next() {
    world_.pool.submit([store = store_] { store->step(); }, [this] { done(); });
}

void RecordWriter::done() {
    if (!store_->result) {
        pause_->arm(world_.reactor.now() + pause_after_error);
        return;
    }
    if (const auto recovered = std::exchange(store_->recovered, std::nullopt)) {
        ++board_->recoveries;
        if (*recovered < board_->safe) {
            board_->complaint = "only " + std::to_string(*recovered) + " records are there, " +
                                std::to_string(board_->safe) + " were said to be safe";
        }
    }
    board_->safe = store_->count;
    pause_->arm(world_.reactor.now() + pause_after_record);
}

}  // namespace spate::sim
