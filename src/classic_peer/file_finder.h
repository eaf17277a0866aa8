// FileFinder: asks the tracker for its list until the wanted file shows up, fetches that file's tracker file
// and checks that both say the same; later fetches the tracker file again on request. Never gives up: the
// tracker may be down, starting again, or wrong for a while; each new kind of trouble is one warning. Without
// a wanted name: the original's picture-wallpaper.jpg, or else the first entry with a usable MD5, or else the
// first. Owner: Receiver, who must not destroy it from inside a callback. Thread: the reactor's.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "classic/tracker_file.h"
#include "classic_peer/backoff.h"
#include "classic_peer/peer_events.h"
#include "classic_peer/source.h"
#include "classic_peer/tracker_client.h"

namespace spate::classic_peer {

struct FoundFile {
    std::string key;  // its name at the tracker
    FileIdentity
        file;  // its name here: the key made clean; md5 empty where the entry has none that is usable
    classic::TrackerFile tracker_file;
    std::string text;  // the tracker file as it came
};

class FileFinder {
  public:
    using OnFound = std::function<void(FoundFile)>;

    FileFinder(io::World& world, HostPort tracker, Duration time_limit, Duration interval,
               std::optional<std::string> wanted, Rng& rng, PeerEvents& events, OnFound on_found);

    // Begins, or begins again.
    void find();
    // The tracker file of `key` again, after `pause`; an earlier wish for later gives way to a sooner one.
    void refetch(const std::string& key, Duration pause);
    void stop();

  private:
    void ask();
    void on_list(Result<std::vector<classic::ListEntry>> entries);
    void fetch_tracker_file();
    void on_tracker_file(Result<ReceivedTrackerFile> received);
    Result<FoundFile> check(const ReceivedTrackerFile& received) const;
    void try_again(const std::string& why);

    io::World& world_;
    TrackerClient client_;
    Duration interval_;
    std::optional<std::string> wanted_;
    Rng& rng_;
    PeerEvents& events_;
    OnFound on_found_;
    Backoff backoff_;
    std::string key_;                          // empty: to be found in the list
    std::optional<classic::ListEntry> entry_;  // what the list said, until the tracker file confirmed it
    std::string last_warning_;
    std::unique_ptr<Question> question_;
    std::unique_ptr<io::Timer> timer_;
    TimePoint due_ = never;
};

// From the tracker file's text alone, as for one kept from an earlier run. `key`: the name it must be of.
Result<FoundFile> read_found_file(std::string_view text, const std::string& key);
// What its peers claim.
std::vector<SourceClaim> claims_of(const classic::TrackerFile& file);

}  // namespace spate::classic_peer
