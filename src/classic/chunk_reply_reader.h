// ChunkReplyReader: a peer's answer to one chunk request, in any form. Sans-I/O: any split of the
// stream gives the same data, the same verdict and takes the same bytes. A peer may lie: whatever it claims,
// never more than the chunk asked for is kept. Timeouts are the owner's, who then calls end_of_input(). One
// owner, one thread.
//
// The raw forms have no count and end at close, and a refusal looks like data: a reply that is nothing but a
// refusal's text is a refusal, so a chunk of just these bytes has to be fetched in a form with a count.
//
// Source: docs/protocols/classic.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/range_set.h"
#include "classic/chunk_request.h"

namespace spate::classic {

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
    // Raw forms end at close: all bytes asked for are there, only the close is missing. Not if they may be
    // the beginning of a refusal whose rest is on its way: then the close must come.
    bool awaits_only_close() const;
    ByteRange asked() const { return asked_; }
    // The chunk's bytes from asked().start on. Valid when complete or short_end. Unverified.
    std::string_view data() const;
    // The reply went wrong in a way that leaves the stream out of step: close the connection.
    bool out_of_step() const;
    // For the log: the refusal or the nonsense, printable.
    std::string detail() const;

  private:
    void take_header_byte(char byte);
    void read_header();
    void count_is(std::uint64_t bytes);
    std::size_t take_body(Bytes bytes);
    void body_is_full();
    void finish_raw();
    void finish_framed();
    void finish_segment();
    void decide(ChunkVerdict verdict) { verdict_ = verdict; }
    bool is_raw() const;
    bool is_framed() const;

    ChunkForm form_;
    ByteRange asked_;
    std::string header_;         // the line before the data, where the form has one
    std::string body_;           // the data, with the trailer or in base64 where the form has that
    std::size_t body_max_ = 0;   // this many bytes of body_ decide the verdict
    std::size_t data_size_ = 0;  // of body_, at its start; set by the verdict
    std::size_t skipped_ = 0;    // line ends before the header, blanks within base64
    ChunkVerdict verdict_ = ChunkVerdict::reading;
    bool in_body_ = false;
    bool ended_ = false;
};

}  // namespace spate::classic
