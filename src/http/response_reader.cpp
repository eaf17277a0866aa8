#include "http/response_reader.h"

#include <utility>

#include "base/assert.h"
#include "http/inflate.h"
#include "http/message_parser.h"

namespace spate::http {
namespace {

Error broken(std::string why, std::errc kind = std::errc::bad_message) {
    return Error::invalid("read HTTP response", "", std::move(why), kind);
}

}  // namespace

class ResponseReader::Parser : public MessageParser<ResponseReader::Parser, false> {
  public:
    Parser(Method method, std::size_t body_bytes_max) : method_(method), body_bytes_max_(body_bytes_max) {
        begin_message();
    }

    ReadState end_of_input() {
        if (state_ != ReadState::reading) return state_;
        if (body_ && body_->end_of_input() == BodyReader::State::complete)
            on_whole();
        else
            refuse(broken("it was cut off", std::errc::connection_reset));
        return state_;
    }

    Response take() {
        SPATE_ASSERT(state_ == ReadState::complete);
        return std::exchange(response_, {});
    }
    const Error& error() const { return error_; }

  private:
    friend class MessageParser<ResponseReader::Parser, false>;

    void begin_message() {
        head_.emplace();
        head_->skip(method_ == Method::head);
    }

    static bool passes_over(std::uint8_t) { return false; }
    void judge_head(std::size_t, const boost::beast::error_code& code) {
        if (code) refuse(broken(code.message()));
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
            begin_body(BodyReader::Framing::counted, 0, body_bytes_max_);
        else if (head_->chunked())
            begin_body(BodyReader::Framing::chunked, 0, body_bytes_max_);
        else if (length)
            begin_body(BodyReader::Framing::counted, *length, body_bytes_max_);
        else
            begin_body(BodyReader::Framing::until_end, 0, body_bytes_max_);
    }

    void on_bad_body(BodyReader::State state) {
        if (state == BodyReader::State::too_large)
            return refuse(broken("its body is too large", std::errc::message_size));
        refuse(broken("a broken chunk"));
    }

    void on_whole() {
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
    std::size_t informational_ = 0;
    Response response_;
    Error error_;
};

ResponseReader::ResponseReader(Method method, std::size_t body_bytes_max)
    : parser_(std::make_unique<Parser>(method, body_bytes_max)) {}
ResponseReader::~ResponseReader() = default;
ResponseReader::ResponseReader(ResponseReader&&) noexcept = default;
ResponseReader& ResponseReader::operator=(ResponseReader&&) noexcept = default;

ReadState ResponseReader::feed(Bytes bytes) {
    parser_->feed(bytes);
    return parser_->state();
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
