// ChunkReplyPipeline: replies to many `plus` requests, back to back on one connection. Sans-I/O, any split.
// At most outstanding_max requests wait; one chunk is kept at a time. One owner, one thread.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/range_set.h"
#include "classic/chunk_reply_reader.h"

namespace spate::classic {

class ChunkReplyPipeline {
  public:
    struct Outcome {
        ByteRange asked;
        ChunkVerdict verdict = ChunkVerdict::reading;
        std::string data;  // complete or short_end
    };

    explicit ChunkReplyPipeline(std::size_t outstanding_max = 256) : outstanding_max_(outstanding_max) {}

    bool full() const { return asked_.size() >= outstanding_max_; }
    std::size_t outstanding() const { return asked_.size(); }
    bool dead() const { return dead_; }  // out of step, or more came than was asked: close
    // A request for this range went out. Not when full() or dead() (asserted).
    void expect(ByteRange asked);
    // Appends outcomes in the order asked. After one that leaves the stream out of step the pipeline is dead;
    // what was still outstanding is then in unanswered().
    void feed(Bytes bytes, std::vector<Outcome>& out);
    void end_of_input(std::vector<Outcome>& out);
    // What was asked and not answered, for asking elsewhere.
    std::vector<ByteRange> unanswered() const { return {asked_.begin(), asked_.end()}; }

  private:
    void settle(std::vector<Outcome>& out);

    std::size_t outstanding_max_;
    std::deque<ByteRange> asked_;  // the front one is being read
    std::optional<ChunkReplyReader> reader_;
    bool dead_ = false;
};

}  // namespace spate::classic
