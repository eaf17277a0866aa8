// MessageParser: what reading a request and a response have in common: a head in any split, then its body,
// into one state. `Self` is the reader: it says what it thinks of the head and what follows it. Private to
// the two readers' .cpp files.
//
//   Self must have: bool passes_over(octet)           before a head: not a part of it
//                   void judge_head(looked_at, code)  may refuse; bytes up to looked_at were judged before
//                   void on_head()                    begins a body, or all is there
//                   void on_whole()                   the body is complete
//                   void on_bad_body(state)           too_large or broken: refuses
#pragma once

#include <optional>

#include "http/body_reader.h"
#include "http/head_parser.h"
#include "http/request_reader.h"

namespace spate::http {

template <class Self, bool is_request>
class MessageParser {
  public:
    // Takes bytes up to the end of one message; how many.
    std::size_t feed(Bytes bytes) {
        std::size_t used = 0;
        while (state_ == ReadState::reading && used < bytes.size()) {
            const Bytes rest = bytes.subspan(used);
            used += body_ ? feed_body(rest) : feed_head(rest);
        }
        return used;
    }
    ReadState state() const { return state_; }

  protected:
    MessageParser() { head_.emplace(); }
    ~MessageParser() = default;

    void begin_body(BodyReader::Framing framing, std::uint64_t length, std::size_t bytes_max) {
        body_.emplace(framing, length, bytes_max);
        look_at_body();
    }

    std::optional<HeadParser<is_request>> head_;
    std::optional<BodyReader> body_;
    ReadState state_ = ReadState::reading;

  private:
    Self& self() { return static_cast<Self&>(*this); }

    std::size_t feed_head(Bytes bytes) {
        const std::size_t looked_at = head_->so_far().size();
        if (looked_at == 0 && self().passes_over(bytes.front())) return 1;
        boost::beast::error_code code;
        const std::size_t used = head_->feed(bytes, code);
        self().judge_head(looked_at, code);
        if (state_ == ReadState::reading && head_->done()) self().on_head();
        return used;
    }
    std::size_t feed_body(Bytes bytes) {
        const std::size_t used = body_->feed(bytes);
        look_at_body();
        return used;
    }
    void look_at_body() {
        if (body_->state() == BodyReader::State::reading) return;
        if (body_->state() == BodyReader::State::complete) return self().on_whole();
        self().on_bad_body(body_->state());
    }
};

}  // namespace spate::http
