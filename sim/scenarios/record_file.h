// A program for scenarios: it appends numbered records to a file, one at a time, and says of each that it is
// safe once it has reached the disk. At its start, and after any error of the disk, it reads what is there,
// keeps the good records from the front in a new file that replaces the old one, and goes on from there.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/world.h"

namespace spate::sim {

// What the scenario looks at; outlives the processes.
struct RecordBoard {
    std::uint64_t safe = 0;  // records said to be safe
    std::uint64_t recoveries = 0;
    std::optional<std::string> complaint;
};

// `hoped_for` is a planted bug for the canary: a record is called safe without a sync.
enum class Durability { synced, hoped_for };

class RecordWriter final {
  public:
    RecordWriter(io::World& world, std::shared_ptr<RecordBoard> board, Durability durability);

  private:
    // The disk's side; runs in the pool.
    struct Store;
    void next();
    void done();

    io::World& world_;
    std::shared_ptr<RecordBoard> board_;
    std::shared_ptr<Store> store_;
    std::unique_ptr<io::Timer> pause_;
};

}  // namespace spate::sim
