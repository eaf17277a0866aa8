// Process: a child program. No shell: argv as given. Its standard input is empty; its output and errors
// arrive as lines on the loop's thread; it gets SIGTERM when the thread that started it ends, so that
// children do not outlive us. Limits: lines are cut into pieces of at most line_max bytes. Thread: the
// loop's. Owner: whoever started it; destroying kills a child that still runs, and no handler runs
// afterwards.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

#include "base/result.h"

namespace spate::io_linux {

class Loop;

enum class OutputKind { output, errors };

struct ExitStatus {
    int code = 0;    // of exit(); when signal is 0
    int signal = 0;  // that ended it
    bool good() const { return code == 0 && signal == 0; }
};

class ProcessHandler {
  public:
    virtual ~ProcessHandler() = default;
    // Without the line's end. May not destroy the process.
    virtual void on_line(OutputKind kind, std::string_view line) = 0;
    // Once, after every line the child wrote. May destroy the process.
    virtual void on_exit(ExitStatus status) = 0;
};

struct ProcessStart {
    std::vector<std::string> argv;  // argv[0]: a path, or a name looked up in PATH
    std::string folder;             // working folder; empty: ours
};

class Process {
  public:
    static constexpr std::size_t line_max = 65'536;

    // Errors: what exec said (ENOENT, EACCES ...), the folder's absence, no more processes or descriptors.
    static Result<std::unique_ptr<Process>> start(Loop& loop, const ProcessStart& start,
                                                  ProcessHandler& handler);
    virtual ~Process() = default;
    virtual pid_t id() const = 0;
    // Nothing once it has ended.
    virtual void kill(int signal) = 0;
};

}  // namespace spate::io_linux
