#include "io/linux/spawn.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/assert.h"
#include "io/linux/retry.h"

namespace spate::io_linux {
namespace {

struct Pipe {
    UniqueFd read;
    UniqueFd write;
};

Result<Pipe> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail(Error::system(errno, "make pipe", ""));
    return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

struct ChildSide {
    pid_t parent;
    const char* folder;  // null: stay
    char* const* argv;
    int input;
    int output;
    int errors;
    int report;  // errno goes here when exec fails
};

// In the child, between fork and exec: async-signal-safe calls only, no allocation.
[[noreturn]] void become(const ChildSide& side) {
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::signal(SIGPIPE, SIG_DFL);
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != side.parent) ::_exit(127);  // the parent was gone before the line above
    const bool ready = ::dup2(side.input, STDIN_FILENO) >= 0 && ::dup2(side.output, STDOUT_FILENO) >= 0 &&
                       ::dup2(side.errors, STDERR_FILENO) >= 0 && (!side.folder || ::chdir(side.folder) == 0);
    if (ready) ::execvp(side.argv[0], side.argv);
    const int error = errno;
    static_cast<void>(!::write(side.report, &error, sizeof error));
    ::_exit(127);
}

// 0 when exec happened, which closed the pipe's other end.
int exec_errno(const UniqueFd& report) {
    int error = 0;
    const ssize_t got = retry([&] { return ::read(report.get(), &error, sizeof error); });
    return got == sizeof error ? error : 0;
}

bool make_non_blocking(const UniqueFd& fd) {
    return ::fcntl(fd.get(), F_SETFL, O_NONBLOCK) == 0;
}

}  // namespace

Result<Spawned> spawn(const std::vector<std::string>& argv, const std::string& folder) {
    SPATE_ASSERT(!argv.empty());
    std::vector<char*> arguments;
    arguments.reserve(argv.size() + 1);
    for (const auto& argument : argv)
        arguments.push_back(const_cast<char*>(argument.c_str()));  // exec's signature
    arguments.push_back(nullptr);
    auto output = make_pipe();
    auto errors = make_pipe();
    auto report = make_pipe();
    const UniqueFd input(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!output || !errors || !report || !input || !make_non_blocking(output->read) ||
        !make_non_blocking(errors->read)) {
        return fail(Error::system(errno, "make pipes for", argv[0]));
    }
    const ChildSide side{.parent = ::getpid(),
                         .folder = folder.empty() ? nullptr : folder.c_str(),
                         .argv = arguments.data(),
                         .input = input.get(),
                         .output = output->write.get(),
                         .errors = errors->write.get(),
                         .report = report->write.get()};
    const pid_t id = ::fork();
    if (id < 0) return fail(Error::system(errno, "start", argv[0]));
    if (id == 0) become(side);

    report->write.reset();
    Spawned child{.id = id,
                  .pidfd = UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, id, 0))),
                  .output = std::move(output->read),
                  .errors = std::move(errors->read)};
    int error = child.pidfd ? 0 : errno;
    if (error == 0) error = exec_errno(report->read);
    if (error != 0 || !make_non_blocking(child.pidfd)) {
        if (error == 0) error = errno;
        end_child(child);
        return fail(Error::system(error, "start", argv[0]));
    }
    return child;
}

void end_child(const Spawned& child) {
    ::kill(child.id, SIGKILL);  // not yet reaped, so the id is still its own
    retry([&] { return ::waitpid(child.id, nullptr, 0); });
}

}  // namespace spate::io_linux
