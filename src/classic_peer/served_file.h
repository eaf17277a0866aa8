// ServedFile: the bytes of one file for many connections, in blocks read ahead by pool jobs and kept while
// they are used. A block is served only if the file's size and time of change were as at the opening, no
// longer than `fresh_for` ago; once they differ nothing is served any more. What changes within one tick of
// the disk's clock (some milliseconds) and keeps its size is left to the receivers' MD5. Limits: blocks_max
// blocks of block_bytes. Owner: ChunkServer. Thread: the reactor's.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/range_set.h"
#include "classic_peer/chunk_source.h"
#include "classic_peer/serial_jobs.h"
#include "hash/digest.h"
#include "io/world.h"

namespace spate::classic_peer {

class ServedFile final : public ChunkSource {
  public:
    static constexpr std::uint64_t block_bytes = 256 * 1024;
    static constexpr std::size_t blocks_max = 64;
    static constexpr Duration fresh_for = std::chrono::seconds(2);

    struct Opened {
        std::uint64_t size = 0;
        hash::Md5 md5{};
    };

    ServedFile(io::World& world, std::string folder, std::string name);
    ~ServedFile() override;

    // First of all; reads the whole file for its MD5.
    void open(std::move_only_function<void(Result<Opened>)> done);
    // Fresh bytes only.
    bool copy(ByteRange range, std::string& out) override;
    // An error stays for all later calls.
    void load(ByteRange range, std::move_only_function<void(Result<void>)> done) override;

  private:
    using Block = std::vector<std::uint8_t>;
    using Waiting = std::vector<std::move_only_function<void(Result<void>)>>;
    struct Cached {
        std::shared_ptr<const Block> bytes;
        TimePoint checked;
        std::list<std::uint64_t>::iterator use;
    };
    struct Handle;  // the open file: what jobs share

    void submit(std::uint64_t index);
    void loaded(std::uint64_t index, Result<std::shared_ptr<const Block>> block);
    bool fresh(std::uint64_t index) const;

    io::World& world_;
    std::shared_ptr<Handle> handle_;
    std::map<std::uint64_t, Cached> cache_;
    std::list<std::uint64_t> by_use_;  // the latest first
    std::map<std::uint64_t, Waiting> loading_;
    std::optional<Error> broken_;
    SerialJobs jobs_;
};

}  // namespace spate::classic_peer
