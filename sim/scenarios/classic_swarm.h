// A swarm of the classic system in the simulator: the tracker, senders that hold the file, receivers that
// want it, perhaps evil peers, and an auditor; with the checks that must always hold:
//   - a file in its place has the right bytes (classic_checks.h);
//   - the resume state of an unfinished file claims nothing that is not there;
//   - who claims a range at the tracker has it, and gives it to whoever asks (classic_auditor.h);
//   - the tracker forgets nothing and makes nothing up (classic_tracker.h).
// A receiver that ends without the file is started again after a while, as a person would.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sim/scenarios/classic_programs.h"
#include "sim/scenarios/classic_tracker.h"
#include "sim/testbed.h"

namespace spate::sim {

struct SwarmSettings {
    std::uint64_t size = 0;
    int senders = 5;
    int receivers = 5;
    bool seed = false;              // receivers go on as seeds
    std::vector<Evil> evil;         // one peer each, claiming the whole file
    bool whole_senders = false;     // every sender is the only one of its kind: its share is the whole file
    bool bytes_come_wrong = false;  // ways corrupt bytes
    tracker::Possession possession = tracker::Possession::warn;
    Duration retry_pause = std::chrono::seconds(2);
    std::optional<Duration> receiver_timeout;
};

class ClassicSwarm {
  public:
    ClassicSwarm(Testbed& testbed, const SwarmSettings& settings);

    const std::string& file() const { return file_; }
    Host& tracker() { return *tracker_; }
    const std::vector<Host*>& senders() const { return senders_; }
    const std::vector<Host*>& receivers() const { return receivers_; }
    // Every receiver has the file in its place and said so.
    bool all_done() const;
    const ReceiverProgress& progress(std::size_t i) const { return *progress_[i]; }

    static constexpr const char* file_name = "picture-wallpaper.jpg";
    static constexpr const char* folder = "/data";

  private:
    void add_hosts();
    void run_tracker();
    void run_sender(int k);
    void run_receiver(int k);
    void run_evil(std::size_t i);
    void run_auditor();
    void check_claim(const std::string& host, ByteRange range);
    std::optional<std::string> check_disks();

    Testbed& testbed_;
    SwarmSettings settings_;
    std::string file_;
    std::string md5_;
    std::shared_ptr<AnnouncedRanges> announced_ = std::make_shared<AnnouncedRanges>();
    Host* tracker_ = nullptr;
    Host* auditor_ = nullptr;
    std::vector<Host*> senders_;
    std::vector<Host*> receivers_;
    std::vector<Host*> evil_;
    std::vector<std::shared_ptr<ReceiverProgress>> progress_;
};

}  // namespace spate::sim
