// Runs the loop while files are hashed: a bar on a terminal, a line every ten seconds elsewhere, and an early
// end on SIGINT or SIGTERM. Thread: the loop's.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "apps/live_lines.h"
#include "creation/progress.h"
#include "io/linux/loop.h"

namespace spate::apps {

// Cores that this process may use.
unsigned usable_cores();

struct HashWatchSettings {
    std::string name;    // of what is hashed; made printable
    bool quiet = false;  // no bar, no lines
};

class HashWatch {
  public:
    // `progress` is asked until done() or the end of run().
    HashWatch(io_linux::Loop& loop, HashWatchSettings settings, std::function<creation::Progress()> progress);

    // Until done(), true, or a signal, false.
    bool run();
    void done();

  private:
    void tick();
    // Without a width: as long as it comes.
    std::string line(const creation::Progress& now, std::optional<int> width) const;

    io_linux::Loop& loop_;
    const HashWatchSettings settings_;
    std::function<creation::Progress()> progress_;
    LiveLines lines_;
    std::unique_ptr<io::Timer> timer_;
    TimePoint started_;
    TimePoint said_;
    bool finished_ = false;
    bool interrupted_ = false;
};

}  // namespace spate::apps
