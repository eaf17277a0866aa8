#include "http/response_reader.h"

#include <optional>
#include <utility>

#include "base/assert.h"
#include "http/body_reader.h"
#include "http/head_parser.h"
#include "http/inflate.h"

namespace spate::http {
namespace {

Error broken(std::string why, std::errc kind = std::errc::bad_message) {
    return Error::invalid("read HTTP response", "", std::move(why), kind);
}

}  // namespace

class ResponseReader::Parser {
  public:
    Parser(Method method, std::size_t body_bytes_max) : method_(method), body_bytes_max_(body_bytes_max) {
        begin_message();
    }

    ReadState feed(Bytes bytes) {
        while (state_ == ReadState::reading && !bytes.empty())
            bytes = bytes.subspan(body_ ? feed_body(bytes) : feed_head(bytes));
        return state_;
    }

    ReadState end_of_input() {
        if (state_ != ReadState::reading) return state_;
        if (body_ && body_->end_of_input() == BodyReader::State::complete)
            complete();
        else
            refuse(broken("it was cut off", std::errc::connection_reset));
        return state_;
    }

    Response take() {
        SPATE_ASSERT(state_ == ReadState::complete);
        return std::exchange(response_, {});
    }
    ReadState state() const { return state_; }
    const Error& error() const { return error_; }

  private:
    std::size_t feed_head(Bytes bytes) {
        boost::beast::error_code code;
        const std::size_t used = head_->feed(bytes, code);
        if (code)
            refuse(broken(code.message()));
        else if (head_->done())
            on_head();
        return used;
    }

    std::size_t feed_body(Bytes bytes) {
        const std::size_t used = body_->feed(bytes);
        on_body();
        return used;
    }

    void begin_message() {
        head_.emplace();
        head_->skip(method_ == Method::head);
    }

    void on_head() {
        if (head_->status < 200) {
            if (head_->status == 101 || ++informational_ > informational_max)
                return refuse(broken("its status is " + std::to_string(head_->status)));
            return begin_message();
        }
        const bool no_body = method_ == Method::head || head_->status == 204 || head_->status == 304;
        const auto length = head_->content_length();
        if (no_body)
            body_.emplace(BodyReader::Framing::counted, 0, body_bytes_max_);
        else if (head_->chunked())
            body_.emplace(BodyReader::Framing::chunked, 0, body_bytes_max_);
        else if (length)
            body_.emplace(BodyReader::Framing::counted, *length, body_bytes_max_);
        else
            body_.emplace(BodyReader::Framing::until_end, 0, body_bytes_max_);
        on_body();
    }

    void on_body() {
        switch (body_->state()) {
            case BodyReader::State::reading:
                return;
            case BodyReader::State::complete:
                return complete();
            case BodyReader::State::too_large:
                return refuse(broken("its body is too large", std::errc::message_size));
            case BodyReader::State::broken:
                return refuse(broken("a broken chunk"));
        }
    }

    void complete() {
        response_ = {head_->status, std::move(head_->headers), std::move(body_->body())};
        const auto encoding = response_.headers.find("Content-Encoding").value_or("identity");
        if (encoding == "gzip" || encoding == "x-gzip" || encoding == "deflate") {
            if (!response_.body.empty()) {
                auto plain = inflated(as_bytes(response_.body), body_bytes_max_);
                if (!plain) return refuse(std::move(plain.error()));
                response_.body = std::move(*plain);
            }
        } else if (encoding != "identity" && !encoding.empty()) {
            return refuse(broken("its Content-Encoding is not one that was asked for"));
        }
        response_.headers.remove("Content-Encoding");
        response_.headers.remove("Transfer-Encoding");
        state_ = ReadState::complete;
    }

    void refuse(Error why) {
        error_ = std::move(why);
        state_ = ReadState::refused;
    }

    Method method_;
    std::size_t body_bytes_max_;
    std::optional<HeadParser<false>> head_;
    std::optional<BodyReader> body_;
    std::size_t informational_ = 0;
    Response response_;
    Error error_;
    ReadState state_ = ReadState::reading;
};

ResponseReader::ResponseReader(Method method, std::size_t body_bytes_max)
    : parser_(std::make_unique<Parser>(method, body_bytes_max)) {}
ResponseReader::~ResponseReader() = default;
ResponseReader::ResponseReader(ResponseReader&&) noexcept = default;
ResponseReader& ResponseReader::operator=(ResponseReader&&) noexcept = default;

ReadState ResponseReader::feed(Bytes bytes) {
    return parser_->feed(bytes);
}
ReadState ResponseReader::end_of_input() {
    return parser_->end_of_input();
}
ReadState ResponseReader::state() const {
    return parser_->state();
}
Response ResponseReader::take() {
    return parser_->take();
}
const Error& ResponseReader::error() const {
    return parser_->error();
}

}  // namespace spate::http
