// What benchmarks share: a server as a process of its own, and what it uses, from /proc.
#pragma once

#include <csignal>
#include <fcntl.h>
#include <fmt/core.h>
#include <fstream>
#include <iterator>
#include <sched.h>
#include <sstream>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "base/assert.h"
#include "base/endpoint.h"

namespace spate {

struct Usage {
    double cpu_seconds = 0;
    std::uint64_t resident = 0;  // bytes
};

inline Usage usage_of(pid_t process) {
    std::ifstream file(fmt::format("/proc/{}/stat", process));
    std::string text((std::istreambuf_iterator<char>(file)), {});
    std::istringstream fields(text.substr(text.rfind(')') + 2));
    std::vector<std::string> values;
    for (std::string value; fields >> value;) values.push_back(value);
    const auto ticks = std::stod(values[11]) + std::stod(values[12]);
    return {ticks / static_cast<double>(sysconf(_SC_CLK_TCK)),
            std::stoull(values[21]) * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE))};
}

// This thread, and the threads and processes it starts from now on.
inline void stay_on_core(int core) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<std::size_t>(core), &set);
    sched_setaffinity(0, sizeof set, &set);
}

// A child process. Listening: it says where in its first line that holds "127.0.0.1:", or is told by who
// starts it.
class Child {
  public:
    explicit Child(const std::vector<std::string>& argv) {
        int ends[2];
        SPATE_ASSERT(pipe(ends) == 0);
        start(argv, ends[1]);
        close(ends[1]);
        read_endpoint(ends[0]);
    }
    // It says nothing, and listens where it was told.
    Child(const std::vector<std::string>& argv, const Endpoint& endpoint) : endpoint_(endpoint) {
        const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
        start(argv, nowhere);
        close(nowhere);
    }
    ~Child() {
        kill(id_, SIGTERM);
        waitpid(id_, nullptr, 0);
    }
    Endpoint endpoint() const { return endpoint_; }
    Usage usage() const { return usage_of(id_); }

  private:
    void start(const std::vector<std::string>& argv, int output) {
        id_ = fork();
        SPATE_ASSERT(id_ >= 0);
        if (id_ != 0) return;
        dup2(output, STDOUT_FILENO);
        std::vector<char*> arguments;
        for (const auto& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
        arguments.push_back(nullptr);
        execv(arguments[0], arguments.data());
        _exit(127);
    }
    void read_endpoint(int from) {
        std::string line;
        for (char c; read(from, &c, 1) == 1;) {
            line += c;
            if (c != '\n') continue;
            if (const auto at = line.find("127.0.0.1:"); at != line.npos) {
                endpoint_ =
                    *Endpoint::parse(line.substr(at, line.find_first_not_of("0123456789.:", at) - at));
                break;
            }
            line.clear();
        }
        SPATE_ASSERT(endpoint_.port != 0);
    }

    pid_t id_ = 0;
    Endpoint endpoint_;
};

}  // namespace spate
