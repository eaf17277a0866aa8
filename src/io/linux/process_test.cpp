#include "io/linux/process.h"

#include <fcntl.h>
#include <filesystem>
#include <functional>
#include <gmock/gmock.h>
#include <optional>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/linux/loop_test_world.h"
#include "io/linux/unique_fd.h"

namespace spate::io_linux {
namespace {
using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Notes : ProcessHandler {
    void on_line(OutputKind kind, std::string_view line) override {
        EXPECT_FALSE(exit) << "a line after the exit";
        (kind == OutputKind::output ? output : errors).emplace_back(line);
        if (on_each_line) on_each_line(kind);
    }
    void on_exit(ExitStatus status) override {
        EXPECT_FALSE(exit);
        exit = status;
        if (then) then();
    }
    std::vector<std::string> output;
    std::vector<std::string> errors;
    std::optional<ExitStatus> exit;
    std::function<void(OutputKind)> on_each_line;
    std::function<void()> then;
};

class ProcessTest : public ::testing::Test {
  protected:
    std::unique_ptr<Process> start(std::vector<std::string> argv, std::string folder = "") {
        auto process = Process::start(loop_, {std::move(argv), std::move(folder)}, notes_);
        EXPECT_TRUE(process) << process.error().message();
        return process ? std::move(*process) : nullptr;
    }
    std::unique_ptr<Process> shell(const std::string& script) { return start({"sh", "-c", script}); }
    void wait_for_exit() {
        ASSERT_TRUE(run_until(loop_, [&] { return notes_.exit.has_value(); }));
    }

    Loop loop_{1};
    Notes notes_;
};

TEST_F(ProcessTest, LinesAndExitCodeArrive) {
    const auto process = shell("echo one; echo two >&2; echo; printf three; exit 7");
    EXPECT_GT(process->id(), 0);
    EXPECT_THAT(notes_.output, IsEmpty());
    wait_for_exit();
    EXPECT_THAT(notes_.output, ElementsAre("one", "", "three"));
    EXPECT_THAT(notes_.errors, ElementsAre("two"));
    EXPECT_EQ(notes_.exit->code, 7);
    EXPECT_EQ(notes_.exit->signal, 0);
    EXPECT_FALSE(notes_.exit->good());
}

// Both pipes are ready in the same turn; whichever is read first, somebody else empties the other.
TEST_F(ProcessTest, APipeFoundEmptyIsReadAgainWhenThereIsMore) {
    const auto process = shell("echo a; echo a >&2; kill -STOP $$; echo b; echo b >&2; kill -STOP $$");
    siginfo_t stopped{};
    ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(process->id()), &stopped, WSTOPPED), 0);
    notes_.on_each_line = [&](OutputKind kind) {
        const auto pipe =
            "/proc/" + std::to_string(process->id()) + "/fd/" +
            (kind == OutputKind::output ? std::to_string(STDERR_FILENO) : std::to_string(STDOUT_FILENO));
        const UniqueFd other(::open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
        char bytes[16];
        EXPECT_EQ(::read(other.get(), bytes, sizeof bytes), 2);
        notes_.on_each_line = nullptr;
    };
    const auto lines = [&] { return notes_.output.size() + notes_.errors.size(); };
    ASSERT_TRUE(run_until(loop_, [&] { return lines() == 1; }));
    loop_.run_one(Duration::zero());  // the other pipe's turn
    process->kill(SIGCONT);
    ASSERT_TRUE(run_until(loop_, [&] { return lines() == 3; }));
    EXPECT_EQ(notes_.output.back(), "b");
    EXPECT_EQ(notes_.errors.back(), "b");
}

TEST_F(ProcessTest, ArgumentsAreNotReadByAShell) {
    const auto process = start({"printf", "%s\\n", "$HOME; `x` \"y\" *", ""});
    wait_for_exit();
    EXPECT_THAT(notes_.output, ElementsAre("$HOME; `x` \"y\" *", ""));
    EXPECT_TRUE(notes_.exit->good());
}

TEST_F(ProcessTest, MuchOutputArrivesWhole) {
    const auto process = shell("seq 1 100000");
    wait_for_exit();
    ASSERT_EQ(notes_.output.size(), 100'000u);
    EXPECT_EQ(notes_.output.front(), "1");
    EXPECT_EQ(notes_.output.back(), "100000");
}

TEST_F(ProcessTest, LongLinesComeInPieces) {
    const auto process = shell("head -c 150000 /dev/zero | tr '\\0' x; echo");
    wait_for_exit();
    ASSERT_EQ(notes_.output.size(), 3u);
    EXPECT_EQ(notes_.output[0].size(), Process::line_max);
    EXPECT_EQ(notes_.output[1].size(), Process::line_max);
    EXPECT_EQ(notes_.output[2].size(), 150'000 - 2 * Process::line_max);
}

TEST_F(ProcessTest, RunsInItsFolderWithNothingToRead) {
    const auto process = start({"sh", "-c", "pwd -P; cat"}, "/usr");
    wait_for_exit();
    EXPECT_THAT(notes_.output, ElementsAre("/usr"));
}

TEST_F(ProcessTest, WhatCannotStartIsAnError) {
    struct Case {
        ProcessStart start;
        std::errc error;
    };
    for (const Case& c : {Case{{{"/no/such/program"}, ""}, std::errc::no_such_file_or_directory},
                          Case{{{"no-such-program-anywhere"}, ""}, std::errc::no_such_file_or_directory},
                          Case{{{"/etc/passwd"}, ""}, std::errc::permission_denied},
                          Case{{{"true"}, "/no/such/folder"}, std::errc::no_such_file_or_directory}}) {
        const auto process = Process::start(loop_, c.start, notes_);
        ASSERT_FALSE(process);
        EXPECT_TRUE(process.error().is(c.error)) << process.error().message();
        EXPECT_EQ(process.error().object, c.start.argv[0]);
    }
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);  // and leaves no child behind
}

TEST_F(ProcessTest, KilledItSaysBySignal) {
    const auto process = shell("echo ready; exec sleep 1000");
    ASSERT_TRUE(run_until(loop_, [&] { return !notes_.output.empty(); }));
    process->kill(SIGTERM);
    wait_for_exit();
    EXPECT_EQ(notes_.exit->signal, SIGTERM);
    EXPECT_FALSE(notes_.exit->good());
    process->kill(SIGKILL);  // gone: nothing happens
}

TEST_F(ProcessTest, DestroyedItTakesTheChildAlong) {
    auto process = shell("exec sleep 1000");
    const pid_t id = process->id();
    process.reset();
    EXPECT_EQ(::kill(id, 0), -1);
    EXPECT_EQ(errno, ESRCH);
    EXPECT_FALSE(notes_.exit);
}

TEST_F(ProcessTest, MayBeDestroyedWhenItExits) {
    std::unique_ptr<Process> process = shell("exit 0");
    notes_.then = [&] { process.reset(); };
    wait_for_exit();
    EXPECT_EQ(process, nullptr);
}

TEST_F(ProcessTest, AGrandchildThatKeepsThePipesDoesNotDelayTheExit) {
    const auto process = shell("echo before; sleep 1000 & echo $!");
    wait_for_exit();
    ASSERT_EQ(notes_.output.size(), 2u);
    EXPECT_EQ(::kill(std::stoi(notes_.output[1]), SIGKILL), 0);
}

TEST_F(ProcessTest, TheChildHasNoneOfOurDescriptors) {
    const auto count_in_child = [&] {
        notes_ = {};
        const auto process = start({"sh", "-c", "ls /proc/self/fd | wc -l"});
        EXPECT_TRUE(run_until(loop_, [&] { return notes_.exit.has_value(); }));
        return notes_.output;
    };
    const auto before = count_in_child();
    struct : io::ListenerHandler {
        void on_accept(std::unique_ptr<io::Stream>) override {}
        void on_accept_error(const Error&) override {}
    } nobody;
    const auto world = loop_.world();
    const auto listener = world.network.listen({Address::loopback(), 0}, nobody).value();
    const auto datagrams = world.network.open_datagram({Address::loopback(), 0}).value();
    const auto connecting = world.network.connect(listener->local(), [](auto) {});
    const auto folder =
        world.files.open_folder(std::filesystem::temp_directory_path(), io::IfMissing::fail).value();
    EXPECT_EQ(count_in_child(), before);
}

// The parent is a process of its own here: it starts a child, tells its id and ends without a word.
TEST_F(ProcessTest, TheChildEndsWithItsParent) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t parent = ::fork();
    if (parent == 0) {
        Loop loop(1);
        Notes notes;
        auto child = Process::start(loop, {{"sleep", "1000"}, ""}, notes);
        const pid_t id = child ? (*child)->id() : -1;
        ::_exit(::write(ends[1], &id, sizeof id) == sizeof id ? 0 : 1);
    }
    pid_t child = -1;
    ASSERT_EQ(::read(ends[0], &child, sizeof child), static_cast<ssize_t>(sizeof child));
    ASSERT_EQ(::waitpid(parent, nullptr, 0), parent);
    ASSERT_GT(child, 0);
    // It may have ended, and been fetched by whoever adopted it, before we look.
    const UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
    pollfd ended{.fd = pidfd.get(), .events = POLLIN, .revents = 0};
    EXPECT_TRUE(!pidfd || ::poll(&ended, 1, 20'000) == 1);
    ::close(ends[0]);
    ::close(ends[1]);
}

}  // namespace
}  // namespace spate::io_linux
