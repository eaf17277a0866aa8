// Process: a program that can be started, stopped, killed at any instant and started again on what is left on
// its host's disk. The program is a factory of one object over the seam; the object is all there is of the
// process. After a kill nothing of it runs any more (the call it was killed in returns without effect) and it
// is destroyed, deaf, a moment later. Owner: its Host.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/log.h"
#include "io/world.h"
#include "sim/network_model.h"
#include "sim/work_pool.h"

namespace spate::sim {

class Disk;
class Host;
class Life;

// What a program gets at its start; both live as long as it does.
struct ProgramStart {
    io::World& world;
    Log& log;
};
// Keep no more than a weak_ptr of what it returns: the process is to be its only owner.
using Program = std::function<std::shared_ptr<void>(const ProgramStart&)>;

class Process {
  public:
    Process(Host& host, std::string name, Program program);
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    const std::string& name() const { return name_; }
    void start();  // it must not be running
    void stop();   // orderly: destroyed with a world that still works, then the kernel closes what is left
    void kill();   // SIGKILL
    void end_in_power_cut();
    void pause(Duration length);  // SIGSTOP, and SIGCONT after that
    void go_on();

    bool running() const { return run_ != nullptr; }
    // Started and not stopped since: to be started again once the faults are over.
    bool wanted() const { return wanted_; }
    std::uint64_t starts() const { return starts_; }
    io::World& world();  // of the running life, for tests

  private:
    struct Run;
    void end(bool closed_by_kernel);

    Host& host_;
    std::string name_;
    Program program_;
    std::shared_ptr<Run> run_;
    bool wanted_ = false;
    std::uint64_t starts_ = 0;
};

}  // namespace spate::sim
