// LineWriter: lines of text to a descriptor whose reader may be slow, stopped or gone (standard output into a
// pager, a terminal at ^S). A thread of its own writes them; write() only puts them into a queue. From a line
// that finds the queue full on, lines are left out until the queue has been written; "(N lines left out)"
// then stands in their place. When the reader is gone (EPIPE) all that follows is dropped in silence. Another
// error (a full disk) leaves out what waits; the next line tries again. Limits: queue_max bytes wait, and 64
// KiB are being written. Thread: one at a time calls it. Destroying it flushes, for end_limit at most; a
// write that hangs then is left to its thread, which holds nothing of ours.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <thread>

#include "base/result.h"
#include "base/time.h"

namespace spate::io_linux {

class LineWriter {
  public:
    static constexpr std::size_t queue_max = 1 << 20;
    static constexpr Duration end_limit = std::chrono::seconds(1);

    // `fd` stays the caller's: a duplicate is written to. Errors: no descriptor, no thread.
    static Result<std::unique_ptr<LineWriter>> start(int fd);
    LineWriter(const LineWriter&) = delete;
    LineWriter& operator=(const LineWriter&) = delete;
    ~LineWriter();

    // Never waits for the reader. `line` without its end; it may hold several lines.
    void write(std::string_view line);
    // Waits until all is written, `limit` at most. False: something still waits, or could not be written.
    bool flush(Duration limit);

  private:
    struct Shared;
    explicit LineWriter(std::shared_ptr<Shared> shared);

    std::shared_ptr<Shared> shared_;  // with the thread, which may outlive us
    std::thread thread_;
};

}  // namespace spate::io_linux
