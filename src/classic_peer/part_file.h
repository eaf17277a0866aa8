// PartFile: a PartStore worked from the network's thread. Bytes given to write() are gathered while an
// earlier write is on the disk and leave as one job; every `checkpoint_interval` with something new, what is
// written is synced and the state that claims it is saved. The owner stops fetching while unwritten() is
// above its limit. The first disk error ends all work: on_error, once. Owner: Receiver. Thread: the
// reactor's.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "classic_peer/part_store.h"
#include "classic_peer/serial_jobs.h"
#include "io/world.h"

namespace spate::classic_peer {

class PartFile {
  public:
    static constexpr Duration checkpoint_interval = std::chrono::milliseconds(500);

    struct Handlers {
        std::function<void(const Error&)> on_error;
        std::function<void()> on_written;  // unwritten() became smaller
    };

    PartFile(io::World& world, std::string folder, FileIdentity file, Handlers handlers);
    ~PartFile();

    // First of all. Gives what is there already.
    void open(std::move_only_function<void(Result<RangeSet>)> done);
    void write(std::uint64_t at, std::string_view data);
    std::uint64_t unwritten() const { return unwritten_; }

    // Runs work on the store after everything written so far; `done` on this thread. Errors go to `done`
    // alone.
    template <class T>
    void run(std::move_only_function<Result<T>(PartStore&)> work,
             std::move_only_function<void(Result<T>)> done) {
        submit_writes();
        jobs_.run<Result<T>>([store = store_, work = std::move(work)]() mutable { return work(*store); },
                             std::move(done));
    }
    // Writes, syncs and saves the state; then `done`, also after an error.
    void save(std::move_only_function<void()> done);

  private:
    struct Write {
        std::uint64_t at;
        std::string data;
    };
    void submit_writes();
    void submit_checkpoint();
    void take_error(const Error& error);

    io::World& world_;
    std::string folder_;
    FileIdentity file_;
    Handlers handlers_;
    std::shared_ptr<PartStore> store_;
    std::vector<Write> gathered_;
    std::uint64_t unwritten_ = 0;
    bool writing_ = false;
    bool failed_ = false;
    RangeSet written_;
    bool unsaved_ = false;
    std::unique_ptr<io::Timer> checkpoint_timer_;
    SerialJobs jobs_;
};

}  // namespace spate::classic_peer
