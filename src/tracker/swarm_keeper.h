// SwarmKeeper: brings the swarms over a restart, as peers come again only after half an hour: reads them from
// the tracker's state when it starts, saves them soon after something changed, and when asked to. Soon is by
// what it costs: 2 s for a file of up to 128 KB, longer for a larger one, so that no more than 64 KiB a
// second are written, but `longest` at the most.
//
// Saving goes in slices: shards are written down until a slice is full, a pool job writes that to a file
// beside, then comes the next; the last one puts the file in place, and keeps the one before. Memory: a slice
// and a shard of the store. Nothing is synced: after a power cut the digests tell whether the file can be
// trusted; what it lacks comes from the one before. Trouble is told once, until a saving works again.
// Owner: TrackerServer; the store and the events outlive it. Thread: the reactor's.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/files.h"
#include "io/reactor.h"
#include "io/work_pool.h"
#include "tracker/events.h"
#include "tracker/swarm_store.h"

namespace spate::tracker {

class SwarmKeeper {
  public:
    static constexpr std::string_view file_name = "swarms";
    static constexpr std::string_view former_name = "swarms.former";
    static constexpr std::string_view damaged_name = "swarms.damaged";
    static constexpr std::size_t slice_bytes = 64 << 10;
    static constexpr Duration pause_min = std::chrono::seconds(2);
    static constexpr std::uint64_t bytes_a_second = 64 << 10;
    using OnSaved = std::move_only_function<void()>;

    // Blocking: reads what is there into `swarms`, to which nobody has announced yet. A file that is damaged
    // or cannot be read is set aside and told to `events`; what is right before the damage is taken, and what
    // the former file has besides. Error: no such folder.
    static Result<std::unique_ptr<SwarmKeeper>> open(io::Reactor& reactor, io::WorkPool& pool,
                                                     io::Files& files, const std::string& folder,
                                                     Duration longest, SwarmStore& swarms, Events& events);

    // What is there now; `on_saved` comes when it is in the file or could not be written.
    void save(OnSaved on_saved);

  private:
    struct Saving;  // shared with the pool's job

    SwarmKeeper(io::Reactor& reactor, io::WorkPool& pool, std::unique_ptr<io::Folder> folder,
                Duration longest, SwarmStore& swarms, Events& events);
    void load(const std::string& path);
    void set_aside(Error error, const std::string& path, bool former_is_whole);
    Duration pause_after(std::uint64_t bytes) const;
    void on_pause_over();
    void begin();
    void next_slice();
    void on_written();
    void end();

    io::Reactor& reactor_;
    io::WorkPool& pool_;
    std::shared_ptr<io::Folder> folder_;
    Duration longest_;
    SwarmStore& swarms_;
    Events& events_;
    std::shared_ptr<Saving> saving_;  // under way, or null
    std::vector<OnSaved> waiting_;    // for the one under way; wanted_ for the one after it
    std::vector<OnSaved> wanted_;
    std::uint64_t saved_changes_ = 0;
    TimePoint earliest_{};  // of the next saving
    bool is_failing_ = false;
    std::unique_ptr<io::Timer> timer_;
    std::shared_ptr<SwarmKeeper*> self_;  // expires with this
};

}  // namespace spate::tracker
