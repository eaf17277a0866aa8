// Demo: the original system at work on this machine: a tracker, senders that hold a share each, receivers
// that fetch the whole file. Every one is a process of its own, with real sockets and real files; this one
// starts them, shows what they say and checks what they got. Thread: the loop's.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "apps/demo_state.h"
#include "apps/live_lines.h"
#include "io/linux/loop.h"
#include "io/linux/process.h"

namespace spate::apps {

struct DemoSettings {
    std::string program;  // of the children: this one
    std::string folder;   // made; holds test_server/ and test_clients/
    std::string file_name;
    std::uint64_t file_size = 0;
    std::string md5;
    int senders = 5;
    int receivers = 5;
    Duration interval = std::chrono::seconds(2);  // between two parts of a sender
    Duration time_limit = std::chrono::minutes(10);
};

class Demo {
  public:
    Demo(io_linux::Loop& loop, const DemoSettings& settings, LiveLines& lines);
    ~Demo();

    // Until every receiver ended, a process failed, or stop(). Returns the exit code.
    int run();
    void stop(int exit_code);
    const DemoState& state() const { return state_; }

  private:
    class Child;

    Result<void> start_tracker();
    Result<void> start_clients();
    Result<void> start_client(const char* mode, int number, DemoClient& client);
    void on_tracker_event(const DemoEvent& event);
    void on_client_event(std::size_t index, const DemoEvent& event);
    void on_child_error(const std::string& label, const std::string& line);
    void on_child_exit(const std::string& label, bool receiver, io_linux::ExitStatus status);
    void draw();

    io_linux::Loop& loop_;
    DemoSettings settings_;
    LiveLines& lines_;
    io::World world_;
    DemoState state_;
    TimePoint started_;
    std::unique_ptr<io::Timer> drawing_;
    std::unique_ptr<io::Timer> time_limit_;
    std::vector<std::unique_ptr<Child>> children_;
    int receivers_left_;
    int exit_code_ = 0;
    bool stopped_ = false;
};

}  // namespace spate::apps
