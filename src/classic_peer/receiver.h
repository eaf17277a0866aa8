// Receiver: gets one file: finds it at the tracker, fetches it from the peers of its tracker file, checks its
// MD5, puts it in its place, and serves it from then on if told to. Events tell what happens;
// on_receiver_finished comes once.
//
//   finding -> opening -> fetching -> checking -> placing -> finished (-> seeding)
//                            ^           |  ^
//                            |           v  |
//                            |        arbitrating (wrong MD5: copies from other sources)
//                            +---- the tracker file names another size or MD5: from opening again
//
// - A file of that name that is there and right ends it at once. One that differs is replaced only if the
// name was asked
//   for (options.file) and options.replace says so; otherwise a tracker could overwrite any file of the
//   folder: failed.
// - Nothing is announced or served before the whole file's MD5 was right: a part cannot be checked alone, and
//   passing a liar's bytes on would make this receiver one. So a seed announces the whole file, once.
// - An entry without usable MD5 ends as NAME.unverified, never as NAME.
// Owner: the program; outlives nothing of `world`. Destroying it stops it; what was saved is found by the
// next one. Thread: the reactor's.
#pragma once

#include <memory>
#include <optional>

#include "classic_peer/announcer.h"
#include "classic_peer/arbitrating.h"
#include "classic_peer/fetching.h"
#include "classic_peer/file_finder.h"
#include "classic_peer/receiver_options.h"
#include "classic_peer/served_file.h"

namespace spate::classic_peer {

class Receiver {
  public:
    Receiver(io::World& world, ReceiverOptions options, PeerEvents& events);
    ~Receiver();

    void start();
    // Saves what is there, or tells the tracker that it seeds no more, then calls back once; nothing else
    // happens afterwards.
    void stop(io::Callback stopped);

  private:
    // Everything that belongs to one identity of the file; gone when the tracker names another.
    struct Work {
        FoundFile found;
        std::unique_ptr<PartFile> part;
        std::unique_ptr<Download> download;
        std::unique_ptr<SourceLinks> links;
        std::unique_ptr<Fetching> fetching;
        std::unique_ptr<Arbitrating> arbitrating;
    };

    void on_found(FoundFile found);
    void read_cache();
    void open(FoundFile found);
    void on_opened(Result<RangeSet> have);
    void on_target(Result<PartStore::Target> target, const RangeSet& have);
    void fetch(const RangeSet& have);
    void update_claims();
    void check();
    void on_checked(Result<hash::Md5> md5);
    void arbitrate();
    void on_resolved(const std::vector<SourceId>& wrong);
    void place(std::string name, ReceiverOutcome outcome);
    void begin_to_seed();
    void on_time_limit();
    void finish(ReceiverOutcome outcome, Error error);
    // In a turn of its own, unless this work is over by then: what may destroy the one who calls.
    void later(std::function<void()> what);

    io::World& world_;
    ReceiverOptions options_;
    PeerEvents& events_;
    Rng rng_;
    FileFinder finder_;
    std::unique_ptr<Work> work_;
    std::string key_;
    std::unique_ptr<ServedFile> seeding_;
    std::unique_ptr<ChunkServer> server_;
    std::unique_ptr<Announcer> announcer_;
    std::unique_ptr<io::Timer> time_limit_;
    std::shared_ptr<int> generation_ = std::make_shared<int>(0);
    SerialJobs disk_;  // for the cached tracker file
    bool finished_ = false;
};

}  // namespace spate::classic_peer
