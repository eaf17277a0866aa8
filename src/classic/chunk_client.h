// Asking other peers for chunks (brief, 3): requests in any form, and the readers of the replies. Sans-I/O,
// fed any split. One owner, one thread. Timeouts are the owner's, who then calls end_of_input().
//
// Order of asking: `<GET f s e>` first, which is the specification's; a peer that refuses or answers nonsense
// is asked in the next form of chunk_form_fallbacks. Peers known to be ours are asked with `plus`, many at a
// time on one connection. A request never has two meanings: if the range asked would be read differently by
// the rules of chunk_request.h, a neighbouring range is asked instead.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/range_set.h"
#include "classic/chunk_request.h"

namespace spate::classic {

inline constexpr std::array chunk_form_fallbacks{
    ChunkForm::get,           ChunkForm::plus,    ChunkForm::bare_get, ChunkForm::getchunk,
    ChunkForm::bare_getchunk, ChunkForm::segment, ChunkForm::nameless, ChunkForm::bare_length,
};

struct ChunkAsk {
    std::string text;  // the whole request, its line end included where the form has one
    ByteRange asked;   // what the reply will hold: overlaps `wanted`, but may be a byte wider or narrower
    bool operator==(const ChunkAsk&) const = default;
};
// wanted: not empty, inside `available`; at most the first 1024 bytes of it are asked. available: what the
// peer is believed to have, inside the file. Nothing when this form cannot ask for any of it without
// ambiguity: take another form. Not for original_file. Asserts a clean name.
std::optional<ChunkAsk> write_chunk_request(ChunkForm form, std::string_view name, ByteRange wanted,
                                            ByteRange available, std::uint64_t file_size);

enum class ChunkVerdict {
    reading,
    complete,   // every byte asked for
    refused,    // a refusal in any dress
    short_end,  // the input ended, or the peer said so, before the last byte: data() holds what came
    too_long,   // more than was asked for
    malformed,  // not the form's reply at all
};

// One reply. Holds at most the chunk (1024 bytes, 1368 in base64) and a short header.
class ChunkReplyReader {
  public:
    ChunkReplyReader(ChunkForm form, ByteRange asked);

    // Returns how many bytes belong to this reply; the rest is the next one's. Takes nothing once the verdict
    // is in.
    std::size_t feed(Bytes bytes);
    void end_of_input();

    ChunkVerdict verdict() const { return verdict_; }
    // Raw forms end at close: all bytes asked for are there, only the close is missing.
    bool awaits_only_close() const;
    ByteRange asked() const { return asked_; }
    // The chunk's bytes from asked().start on. Valid when complete or short_end. Unverified.
    std::string_view data() const;
    // The reply went wrong in a way that leaves the stream out of step: close the connection.
    bool out_of_step() const;
    // For the log: the refusal or the nonsense, printable.
    std::string detail() const;

  private:
    void take(char byte);
    void take_header_byte(char byte);
    void take_counted_byte(char byte);
    void read_header();
    void count_is(std::uint64_t bytes);
    void finish_raw();
    void finish_framed();
    void finish_base64(bool at_end);

    ChunkForm form_;
    ByteRange asked_;
    std::string header_;  // the line before the data, where the form has one
    std::string body_;    // data, with the trailer or in base64 where the form has that
    std::size_t data_size_ = 0;
    std::size_t body_max_ = 0;  // bytes of body_ that make the reply complete
    ChunkVerdict verdict_ = ChunkVerdict::reading;
    bool in_body_ = false;
};

// Replies to pipelined `plus` requests, back to back on one connection.
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
