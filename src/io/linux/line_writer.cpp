#include "io/linux/line_writer.h"

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstdint>
#include <fcntl.h>
#include <mutex>
#include <poll.h>
#include <string>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "io/linux/blocked_signals.h"
#include "io/linux/retry.h"
#include "io/linux/unique_fd.h"

namespace spate::io_linux {
namespace {
constexpr std::size_t piece_max = 65'536;

std::uint64_t lines_in(std::string_view text) {
    return static_cast<std::uint64_t>(std::ranges::count(text, '\n'));
}

struct Piece {
    std::string text;
    std::uint64_t left_out = 0;  // lines that it stands for
};

struct Written {
    std::size_t count = 0;
    int error = 0;
};

// Blocks. Whoever shares the descriptor may have made it non-blocking.
Written write_all(int fd, std::string_view text) {
    Written written;
    while (written.count < text.size()) {
        const auto rest = text.substr(written.count);
        const ssize_t count = retry([&] { return ::write(fd, rest.data(), rest.size()); });
        if (count >= 0) {
            written.count += static_cast<std::size_t>(count);
        } else if (errno == EAGAIN) {
            pollfd room{.fd = fd, .events = POLLOUT, .revents = 0};
            retry([&] { return ::poll(&room, 1, -1); });
        } else {
            written.error = errno;
            return written;
        }
    }
    return written;
}

}  // namespace

struct LineWriter::Shared {
    explicit Shared(UniqueFd to) : fd(std::move(to)) {}

    void work();
    // The rest with the lock held.
    Piece next_piece();
    void piece_written(const Piece& piece, const Written& written);
    bool at_rest() const { return queue.empty() && !writing && (left_out == 0 || failing); }

    const UniqueFd fd;
    std::mutex mutex;
    std::condition_variable change;
    std::string queue;           // whole lines, but for the first
    std::uint64_t left_out = 0;  // lines: after those in the queue; before them when `failing`
    bool writing = false;
    bool failing = false;  // the last write did
    bool gone = false;     // the reader
    bool closed = false;
};

void LineWriter::Shared::work() {
    std::unique_lock lock(mutex);
    for (;;) {
        change.wait(lock, [this] { return closed || !queue.empty() || (left_out > 0 && !failing); });
        if (closed) return;
        const auto piece = next_piece();
        writing = true;
        lock.unlock();
        const auto written = write_all(fd.get(), piece.text);
        lock.lock();
        writing = false;
        piece_written(piece, written);
        change.notify_all();
    }
}

Piece LineWriter::Shared::next_piece() {
    if (left_out > 0 && (failing || queue.empty())) {
        const auto count = std::exchange(left_out, 0);
        return {"(" + std::to_string(count) + (count == 1 ? " line left out)\n" : " lines left out)\n"),
                count};
    }
    Piece piece{queue.substr(0, piece_max), 0};
    queue.erase(0, piece.text.size());
    return piece;
}

void LineWriter::Shared::piece_written(const Piece& piece, const Written& written) {
    failing = written.error != 0;
    if (!failing) return;
    gone = written.error == EPIPE;
    const auto rest = std::string_view(piece.text).substr(written.count);
    left_out += lines_in(queue) + (piece.left_out > 0 ? piece.left_out : lines_in(rest));
    queue.clear();
}

Result<std::unique_ptr<LineWriter>> LineWriter::start(int fd) {
    UniqueFd own(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
    if (!own) return fail(Error::system(errno, "write lines to", "descriptor " + std::to_string(fd)));
    try {
        return std::unique_ptr<LineWriter>(new LineWriter(std::make_shared<Shared>(std::move(own))));
    } catch (const std::system_error& error) {
        return fail(Error::system(error.code().value(), "start", "thread"));
    }
}

LineWriter::LineWriter(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {
    const BlockedSignals inherited;
    thread_ = std::thread([own = shared_] { own->work(); });
}

LineWriter::~LineWriter() {
    flush(end_limit);
    bool hangs = false;
    {
        const std::lock_guard lock(shared_->mutex);
        shared_->closed = true;
        hangs = shared_->writing;
    }
    shared_->change.notify_all();
    hangs ? thread_.detach() : thread_.join();
}

void LineWriter::write(std::string_view line) {
    {
        const std::lock_guard lock(shared_->mutex);
        Shared& shared = *shared_;
        if (shared.gone) return;
        const bool catching_up = shared.left_out > 0 && !shared.failing;
        if (catching_up || shared.queue.size() + line.size() + 1 > queue_max) {
            shared.left_out += 1 + lines_in(line);
        } else {
            shared.queue += line;
            shared.queue += '\n';
        }
    }
    shared_->change.notify_all();
}

bool LineWriter::flush(Duration limit) {
    std::unique_lock lock(shared_->mutex);
    return shared_->change.wait_for(lock, limit, [this] { return shared_->at_rest(); }) && !shared_->failing;
}

}  // namespace spate::io_linux
