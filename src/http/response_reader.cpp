#include "http/response_reader.h"

#include <optional>
#include <utility>

#include "base/assert.h"
#include "http/beast_parser.h"
#include "http/inflate.h"

namespace spate::http {
namespace {

Error broken(std::string why, std::errc kind = std::errc::bad_message) {
    return Error::invalid("read HTTP response", "", std::move(why), kind);
}

Error error_of(const boost::beast::error_code& code) {
    using boost::beast::http::error;
    if (code == error::body_limit) return broken("its body is too large", std::errc::message_size);
    return broken(code.message());
}

}  // namespace

class ResponseReader::Parser {
  public:
    Parser(Method method, std::size_t body_bytes_max) : method_(method), body_bytes_max_(body_bytes_max) {
        begin_message();
    }

    ReadState feed(Bytes bytes) {
        while (state_ == ReadState::reading && !bytes.empty()) {
            boost::beast::error_code code;
            const std::size_t used =
                message_->head_done() ? message_->feed_body(bytes, code) : message_->feed_head(bytes, code);
            bytes = bytes.subspan(used);
            if (code)
                refuse(error_of(code));
            else if (message_->is_done())
                on_message();
        }
        return state_;
    }

    ReadState end_of_input() {
        if (state_ != ReadState::reading) return state_;
        boost::beast::error_code code;
        if (message_->head_done()) message_->put_eof(code);
        if (!message_->head_done() || code)
            refuse(broken("it was cut off", std::errc::connection_reset));
        else
            on_message();
        return state_;
    }

    Response take() {
        SPATE_ASSERT(state_ == ReadState::complete);
        return std::exchange(response_, {});
    }
    ReadState state() const { return state_; }
    const Error& error() const { return error_; }

  private:
    void begin_message() {
        message_.emplace();
        message_->skip(method_ == Method::head);
        message_->body_max = body_bytes_max_;
    }

    void on_message() {
        if (message_->status >= 200) return complete();
        if (message_->status == 101 || ++informational_ > informational_max)
            return refuse(broken("its status is " + std::to_string(message_->status)));
        begin_message();
    }

    void complete() {
        response_ = {message_->status, std::move(message_->headers), std::move(message_->body)};
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
    std::optional<BeastParser<false>> message_;
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
