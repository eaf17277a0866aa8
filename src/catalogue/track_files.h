// TrackFiles: every classic entry as a readable NAME.track in the folder, for people. Written from the state
// and never read back: a file that was edited or broken by hand is replaced when its entry changes and at the
// next start. The file of an entry that was removed goes; others that belong to no entry are left alone.
//
// Written on the pool, each at once or not at all, only when the content differs, at most `files_per_turn`
// each `turn`; what cannot be written is tried again after `retry_pause`. Memory: the names that wait. Owner
// and thread: as the Catalogue's.
#pragma once

#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/time.h"
#include "catalogue/catalogue.h"
#include "catalogue/disk.h"
#include "catalogue/limits.h"
#include "io/reactor.h"
#include "io/work_pool.h"

namespace spate::catalogue {

// "NAME.track"; names of more than 249 bytes are shortened and end in ".track~long" instead, so that they
// cannot be any other entry's.
std::string track_file_name(std::string_view entry_name);

class TrackFiles {
  public:
    static constexpr std::size_t files_per_turn = 256;
    static constexpr Duration turn = std::chrono::milliseconds(500);
    static constexpr Duration retry_pause = std::chrono::seconds(30);

    // Everything given outlives this object.
    TrackFiles(io::Reactor& reactor, io::WorkPool& pool, Log& log, const Limits& limits,
               const Catalogue& catalogue, std::shared_ptr<Disk> disk);
    ~TrackFiles();

    void refresh(const Changes& changes);
    void refresh_all();

  private:
    struct Job;
    void wait(Duration pause);
    void start_job();
    void on_done(const Job& job);

    io::Reactor& reactor_;
    io::WorkPool& pool_;
    Log& log_;
    const Limits& limits_;
    const Catalogue& catalogue_;
    std::shared_ptr<Disk> disk_;
    std::set<std::string, std::less<>> waiting_;  // names of entries
    std::set<std::string, std::less<>> failed_;   // likewise, until retry_at_
    TimePoint retry_at_ = never;
    bool bare_waiting_ = false;
    bool tidied_ = false;  // leftovers of an earlier life are gone
    bool working_ = false;
    std::unique_ptr<io::Timer> timer_;
    std::shared_ptr<TrackFiles*> self_;  // completions look whether we are still there
};

}  // namespace spate::catalogue
