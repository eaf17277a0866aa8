#include "http/request_reader.h"

#include <optional>
#include <utility>

#include "base/assert.h"
#include "base/parse_number.h"
#include "http/body_reader.h"
#include "http/head_parser.h"
#include "http/head_rules.h"

namespace spate::http {
namespace {

Refusal refusal_of(const boost::beast::error_code& code) {
    using boost::beast::http::error;
    if (code == error::header_limit) return {431, "the head is too large"};
    if (code == error::bad_version) return {505, "the HTTP version is not 1.0 or 1.1"};
    return {400, "broken HTTP: " + code.message()};
}

}  // namespace

class RequestReader::Parser {
  public:
    explicit Parser(BodyLimit body_limit) : body_limit_(std::move(body_limit)) { parser_.emplace(); }

    std::size_t feed(Bytes bytes) {
        std::size_t used = 0;
        while (state_ == ReadState::reading && used < bytes.size()) {
            const Bytes rest = bytes.subspan(used);
            used += body_ ? feed_body(rest) : feed_head(rest);
        }
        return used;
    }

    Request take() {
        SPATE_ASSERT(state_ == ReadState::complete);
        Request request{std::move(head_), body_ ? std::move(body_->body()) : std::string()};
        parser_.emplace();
        body_.reset();
        head_ = {};
        state_ = ReadState::reading;
        wants_continue_ = false;
        return request;
    }

    bool begun() const { return state_ == ReadState::reading && !parser_->so_far().empty(); }
    bool take_expect_continue() { return std::exchange(wants_continue_, false); }
    ReadState state() const { return state_; }
    const Refusal& refusal() const { return refusal_; }

  private:
    std::size_t feed_head(Bytes bytes) {
        const std::size_t looked_at = parser_->so_far().size();
        // An empty line left over from the request before is passed over (RFC 9112, 2.2).
        if (looked_at == 0 && (bytes.front() == '\r' || bytes.front() == '\n')) return 1;
        boost::beast::error_code code;
        const std::size_t used = parser_->feed(bytes, code);
        if (const auto bad = refused_octets(parser_->so_far(), looked_at))
            refuse(*bad);
        else if (code)
            refuse(refusal_of(code));
        else if (parser_->done())
            on_head();
        return used;
    }

    std::size_t feed_body(Bytes bytes) {
        const std::size_t used = body_->feed(bytes);
        on_body();
        return used;
    }

    void on_body() {
        switch (body_->state()) {
            case BodyReader::State::reading:
                return;
            case BodyReader::State::complete:
                return complete();
            case BodyReader::State::too_large:
                return refuse({413, "the body is too large"});
            case BodyReader::State::broken:
                return refuse({400, "a broken chunk"});
        }
    }

    void on_head() {
        head_.method = parser_->method;
        head_.http_1_0 = parser_->http_1_0;
        head_.keep_alive = parser_->keep_alive();
        head_.headers = std::move(parser_->headers);
        head_.chunked = parser_->chunked();
        if (const auto length = head_.headers.find("Content-Length"))
            head_.content_length = parse_number<std::uint64_t>(*length);
        auto bad = refused_head(head_);
        if (!bad) bad = read_target(parser_->target, head_);
        if (bad) return refuse(*bad);
        if (!head_.has_body()) return complete();
        const std::size_t body_max = body_limit_ ? body_limit_(head_) : 0;
        if (body_max == 0) return refuse({413, "no body is taken here"});
        body_.emplace(head_.chunked ? BodyReader::Framing::chunked : BodyReader::Framing::counted,
                      head_.content_length.value_or(0), body_max);
        on_body();
        wants_continue_ =
            state_ == ReadState::reading && head_.headers.find("Expect").has_value() && !head_.http_1_0;
    }

    void complete() { state_ = ReadState::complete; }
    void refuse(Refusal why) {
        refusal_ = std::move(why);
        state_ = ReadState::refused;
    }

    BodyLimit body_limit_;
    std::optional<HeadParser<true>> parser_;
    std::optional<BodyReader> body_;
    RequestHead head_;
    Refusal refusal_;
    ReadState state_ = ReadState::reading;
    bool wants_continue_ = false;
};

RequestReader::RequestReader(BodyLimit body_limit)
    : parser_(std::make_unique<Parser>(std::move(body_limit))) {}
RequestReader::~RequestReader() = default;
RequestReader::RequestReader(RequestReader&&) noexcept = default;
RequestReader& RequestReader::operator=(RequestReader&&) noexcept = default;

std::size_t RequestReader::feed(Bytes bytes) {
    return parser_->feed(bytes);
}
ReadState RequestReader::state() const {
    return parser_->state();
}
Request RequestReader::take() {
    return parser_->take();
}
const Refusal& RequestReader::refusal() const {
    return parser_->refusal();
}
bool RequestReader::begun() const {
    return parser_->begun();
}
bool RequestReader::take_expect_continue() {
    return parser_->take_expect_continue();
}

}  // namespace spate::http
