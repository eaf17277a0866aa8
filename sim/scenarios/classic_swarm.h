// A swarm of the classic system in the simulator: a tracker, senders that hold the file, receivers that want
// it, perhaps evil peers; with the checks that must always hold:
//   - a file in its place has the right bytes, at every moment;
//   - who claims a range at the tracker has it;
//   - after all faults are over every receiver ends with the file.
// A receiver that ends without the file is started again after a while, as a person would.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "classic_peer/receiver.h"
#include "classic_peer/sender.h"
#include "sim/scenarios/classic_evil_peer.h"
#include "sim/scenarios/classic_tracker_double.h"
#include "sim/testbed.h"

namespace spate::sim {

struct SwarmSettings {
    std::uint64_t size = 0;
    int senders = 5;
    int receivers = 5;
    bool seed = false;           // receivers go on as seeds
    std::vector<Evil> evil;      // one peer each, claiming the whole file with a recent time
    bool whole_senders = false;  // every sender is the only one of its kind: its share is the whole file
    Duration retry_pause = std::chrono::seconds(2);
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
    // Of receiver i, its starts within the process included.
    struct Progress {
        int done = 0;
        int ended_without = 0;
        std::uint64_t received = 0;
        std::vector<std::string> shown_wrong;
        std::vector<std::string> sentences;
    };
    const Progress& progress(std::size_t i) const { return *progress_[i]; }

    static constexpr const char* file_name = "picture-wallpaper.jpg";
    static constexpr const char* folder = "/data";

  private:
    void run_tracker();
    void run_sender(int k, const SwarmSettings& settings);
    void run_receiver(int k, const SwarmSettings& settings);
    void run_evil(std::size_t i, Evil evil);
    void check_claim(const std::string& host, ByteRange range);

    Testbed& testbed_;
    std::string file_;
    std::shared_ptr<TrackerBoard> board_ = std::make_shared<TrackerBoard>();
    Host* tracker_ = nullptr;
    std::vector<Host*> senders_;
    std::vector<Host*> receivers_;
    std::vector<Host*> evil_;
    std::vector<std::shared_ptr<Progress>> progress_;
};

}  // namespace spate::sim
