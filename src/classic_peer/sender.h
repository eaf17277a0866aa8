// Sender: shares one file as the original system's sender k of n does: serves, makes the tracker file, and
// announces its share part by part.
//
//   reading (MD5) -> creating -> [ferr: comparing] -> advertising -> serving until stopped, or, with `once`,
//   until
//                       ^                                 |          every byte of its share was sent at
//                       least once
//                       +------- the tracker forgot ------+          and nobody is connected
//
// - It listens before createtracker, since the tracker's possession check comes before the reply; until its
// first
//   updatetracker it serves the whole file, from then on only what it announced.
// - ferr: somebody was first. If the tracker's entry has another size or MD5, sharing under this name would
// spoil it: the
//   sender ends with an error.
// - Every updatetracker names all parts announced so far as one range, so that trackers that replace the
// range and
//   trackers that extend it end with the same.
// - The tracker being away is waited for, within `timeout` if there is one, until the entry is made.
// Owner: the program. Destroying it stops it. Thread: the reactor's.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "classic/advertising_plan.h"
#include "classic_peer/announcer.h"
#include "classic_peer/chunk_server.h"
#include "classic_peer/served_file.h"

namespace spate::classic_peer {

struct SenderOptions {
    std::string label = "client_1";  // for the program's own messages; the sentences name sender k
    HostPort tracker{"127.0.0.1", 3456};
    std::string folder = ".";
    std::string file = "picture-wallpaper.jpg";
    std::string description;
    int sender = 1;  // k
    int senders = 5;
    Duration interval = std::chrono::seconds(2);  // between two parts
    Duration tracker_time_limit = std::chrono::seconds(10);
    std::optional<Duration> timeout;  // for the entry to be made
    bool once = false;
    ServingOptions serving;
};

class Sender {
  public:
    Sender(io::World& world, SenderOptions options, PeerEvents& events);
    ~Sender();

    void start();
    // Nothing happens afterwards but `stopped`, in a later turn: the tracker knows, or had its time.
    void stop(io::Callback stopped);

  private:
    void on_opened(Result<ServedFile::Opened> opened);
    void create();
    void on_created(Result<classic::Outcome> outcome);
    void compare();
    void on_entry(Result<ReceivedTrackerFile> entry);
    void begin_to_advertise();
    void advertise_next();
    void create_again();
    void check_once();
    void try_again(const std::string& why, void (Sender::*what)());
    void finish(Error error);
    void rest();
    void finish_later(Error error);

    io::World& world_;
    SenderOptions options_;
    PeerEvents& events_;
    Rng rng_;
    TrackerClient client_;
    ServedFile file_;
    std::uint64_t size_ = 0;
    std::string md5_;
    std::uint16_t port_ = 0;
    int parts_announced_ = 0;
    std::optional<classic::AdvertisingPlan> plan_;
    std::unique_ptr<ChunkServer> server_;
    std::unique_ptr<Announcer> announcer_;
    std::unique_ptr<Question> question_;
    Backoff backoff_{BackoffLimits{}};
    std::string last_warning_;
    void (Sender::*next_)() = nullptr;  // what the timer does
    std::unique_ptr<io::Timer> timer_;
    std::unique_ptr<io::Timer> time_limit_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    bool finished_ = false;
};

}  // namespace spate::classic_peer
