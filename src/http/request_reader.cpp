#include "http/request_reader.h"

#include <utility>

#include "base/assert.h"
#include "base/parse_number.h"
#include "http/head_rules.h"
#include "http/message_parser.h"

namespace spate::http {
namespace {

Refusal refusal_of(const boost::beast::error_code& code) {
    using boost::beast::http::error;
    if (code == error::header_limit) return {431, "the head is too large"};
    if (code == error::bad_version) return {505, "the HTTP version is not 1.0 or 1.1"};
    return {400, "broken HTTP: " + code.message()};
}

}  // namespace

class RequestReader::Parser : public MessageParser<RequestReader::Parser, true> {
  public:
    explicit Parser(BodyLimit body_limit) : body_limit_(std::move(body_limit)) {}

    Request take() {
        SPATE_ASSERT(state_ == ReadState::complete);
        Request request{std::move(request_head_), body_ ? std::move(body_->body()) : std::string()};
        head_.emplace();
        body_.reset();
        request_head_ = {};
        state_ = ReadState::reading;
        wants_continue_ = false;
        return request;
    }

    bool begun() const { return state_ == ReadState::reading && !head_->so_far().empty(); }
    bool take_expect_continue() { return std::exchange(wants_continue_, false); }
    const Refusal& refusal() const { return refusal_; }

  private:
    friend class MessageParser<RequestReader::Parser, true>;

    // An empty line left over from the request before (RFC 9112, 2.2).
    static bool passes_over(std::uint8_t octet) { return octet == '\r' || octet == '\n'; }
    void judge_head(std::size_t looked_at, const boost::beast::error_code& code) {
        if (const auto bad = refused_octets(head_->so_far(), looked_at))
            refuse(*bad);
        else if (code)
            refuse(refusal_of(code));
    }
    void on_head() {
        auto& head = request_head_;
        head.method = head_->method;
        head.http_1_0 = head_->http_1_0;
        head.keep_alive = head_->keep_alive();
        head.headers = std::move(head_->headers);
        head.chunked = head_->chunked();
        if (const auto length = head.headers.find("Content-Length"))
            head.content_length = parse_number<std::uint64_t>(*length);
        auto bad = refused_head(head);
        if (!bad) bad = read_target(head_->target, head);
        if (bad) return refuse(*bad);
        if (!head.has_body()) return on_whole();
        const std::size_t body_max = body_limit_ ? body_limit_(head) : 0;
        if (body_max == 0) return refuse({413, "no body is taken here"});
        begin_body(head.chunked ? BodyReader::Framing::chunked : BodyReader::Framing::counted,
                   head.content_length.value_or(0), body_max);
        wants_continue_ =
            state_ == ReadState::reading && head.headers.find("Expect").has_value() && !head.http_1_0;
    }
    void on_whole() { state_ = ReadState::complete; }
    void on_bad_body(BodyReader::State state) {
        if (state == BodyReader::State::too_large) return refuse({413, "the body is too large"});
        refuse({400, "a broken chunk"});
    }
    void refuse(Refusal why) {
        refusal_ = std::move(why);
        state_ = ReadState::refused;
    }

    BodyLimit body_limit_;
    RequestHead request_head_;
    Refusal refusal_;
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
