// For the disk's tests.
#pragma once

#include <memory>
#include <string>

#include "sim/test_programs.h"

namespace spate::sim {

// A host with an idle process and an open folder; restarts give a new folder handle.
struct DiskBench {
    explicit DiskBench(std::uint64_t seed)
        : testbed(seed),
          host(testbed.add_host("host", plain_host())),
          process(host.run("p", idle_program())) {
        open();
    }
    void open() {
        folder = std::move(process.world().files.open_folder("/data", io::IfMissing::make).value());
    }
    void power_cycle() {
        host.power_cut();
        host.power_on();
        open();
    }
    void kill_and_restart() {
        process.kill();
        process.start();
        open();
    }
    std::unique_ptr<io::File> file(const char* name) {
        return std::move(folder->open(name, io::OpenMode::create).value());
    }
    std::string content(const std::string& name) {
        const auto bytes = host.disk().get("/data/" + name);
        return bytes ? std::string(as_text(*bytes)) : "(none)";
    }
    std::uint64_t marked(const char* name) { return testbed.simulation().log().marked(name); }

    Testbed testbed;
    Host& host;
    Process& process;
    std::unique_ptr<io::Folder> folder;
};

}  // namespace spate::sim
