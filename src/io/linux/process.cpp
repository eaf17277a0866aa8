#include "io/linux/process.h"

#include <array>
#include <cerrno>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include "io/linux/descriptor.h"
#include "io/linux/loop.h"
#include "io/linux/retry.h"
#include "io/linux/spawn.h"

namespace spate::io_linux {
namespace {

// One of the child's two pipes, cut into lines.
class LinePipe final : private ReadyHandler {
  public:
    LinePipe(Descriptor pipe, OutputKind kind, ProcessHandler& handler)
        : pipe_(std::move(pipe)), kind_(kind), handler_(handler) {
        pipe_.set_handler(*this);
        pipe_.wait_readable();
    }

    // Everything there is now, then what is left of a last line.
    void drain() {
        while (read_some() == Got::some) {
        }
        if (!line_.empty()) handler_.on_line(kind_, std::exchange(line_, {}));
    }

  private:
    void on_read_ready() override {
        if (read_some() != Got::end) pipe_.wait_readable();
    }
    void on_write_ready() override {}

    enum class Got { some, nothing_yet, end };

    Got read_some() {
        std::array<char, 16'384> buffer;
        const ssize_t got = retry([&] { return ::read(pipe_.fd(), buffer.data(), buffer.size()); });
        if (got < 0 && errno == EAGAIN) return Got::nothing_yet;
        if (got <= 0) return Got::end;
        take({buffer.data(), static_cast<std::size_t>(got)});
        return Got::some;
    }

    void take(std::string_view text) {
        while (!text.empty()) {
            const auto piece = text.substr(0, Process::line_max - line_.size());
            const auto end = piece.find('\n');
            line_ += piece.substr(0, end);
            text.remove_prefix(end == piece.npos ? piece.size() : end + 1);
            if (end != piece.npos || line_.size() == Process::line_max) {
                handler_.on_line(kind_, std::exchange(line_, {}));
            }
        }
    }

    Descriptor pipe_;
    const OutputKind kind_;
    ProcessHandler& handler_;
    std::string line_;
};

class Child final : public Process, private ReadyHandler {
  public:
    Child(Spawned spawned, Descriptor pidfd, Descriptor output, Descriptor errors, ProcessHandler& handler)
        : spawned_(std::move(spawned)),
          pidfd_(std::move(pidfd)),
          output_(std::move(output), OutputKind::output, handler),
          errors_(std::move(errors), OutputKind::errors, handler),
          handler_(handler) {
        pidfd_.set_handler(*this);
        pidfd_.wait_readable();
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child() override {
        if (running_) end_child(spawned_);
    }

    pid_t id() const override { return spawned_.id; }
    void kill(int signal) override {
        if (running_) ::kill(spawned_.id, signal);
    }

  private:
    void on_read_ready() override {
        int status = 0;
        const pid_t ended = retry([&] { return ::waitpid(spawned_.id, &status, WNOHANG); });
        if (ended != spawned_.id) return pidfd_.wait_readable();
        running_ = false;
        output_.drain();
        errors_.drain();
        handler_.on_exit({.code = WIFEXITED(status) ? WEXITSTATUS(status) : 0,
                          .signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0});
    }
    void on_write_ready() override {}

    const Spawned spawned_;  // its descriptors have moved into the members below
    Descriptor pidfd_;
    LinePipe output_;
    LinePipe errors_;
    ProcessHandler& handler_;
    bool running_ = true;
};

}  // namespace

Result<std::unique_ptr<Process>> Process::start(Loop& loop, const ProcessStart& start,
                                                ProcessHandler& handler) {
    auto spawned = spawn(start.argv, start.folder);
    if (!spawned) return fail(std::move(spawned.error()));
    auto pidfd = Descriptor::watch(loop.events(), std::move(spawned->pidfd));
    auto output = Descriptor::watch(loop.events(), std::move(spawned->output));
    auto errors = Descriptor::watch(loop.events(), std::move(spawned->errors));
    if (!pidfd || !output || !errors) {
        end_child(*spawned);
        return fail(!pidfd ? pidfd.error() : !output ? output.error() : errors.error());
    }
    return std::make_unique<Child>(std::move(*spawned), std::move(*pidfd), std::move(*output),
                                   std::move(*errors), handler);
}

}  // namespace spate::io_linux
