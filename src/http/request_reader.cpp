#include "http/request_reader.h"

#include <optional>
#include <utility>

#include "base/assert.h"
#include "base/parse_number.h"
#include "http/beast_parser.h"
#include "http/head_rules.h"

namespace spate::http {
namespace {

Refusal refusal_of(const boost::beast::error_code& code) {
    using boost::beast::http::error;
    if (code == error::header_limit) return {431, "the head is too large"};
    if (code == error::body_limit) return {413, "the body is too large"};
    if (code == error::bad_version) return {505, "the HTTP version is not 1.0 or 1.1"};
    return {400, "broken HTTP: " + code.message()};
}

}  // namespace

class RequestReader::Parser {
  public:
    explicit Parser(BodyLimit body_limit) : body_limit_(std::move(body_limit)) { message_.emplace(); }

    std::size_t feed(Bytes bytes) {
        std::size_t used = 0;
        while (state_ == ReadState::reading && used < bytes.size()) {
            const Bytes rest = bytes.subspan(used);
            used += message_->head_done() ? feed_body(rest) : feed_head(rest);
        }
        return used;
    }

    Request take() {
        SPATE_ASSERT(state_ == ReadState::complete);
        Request request{std::move(head_), std::move(message_->body)};
        message_.emplace();
        head_ = {};
        state_ = ReadState::reading;
        wants_continue_ = false;
        return request;
    }

    bool begun() const { return state_ == ReadState::reading && !message_->head_so_far().empty(); }
    bool take_expect_continue() { return std::exchange(wants_continue_, false); }
    ReadState state() const { return state_; }
    const Refusal& refusal() const { return refusal_; }

  private:
    std::size_t feed_head(Bytes bytes) {
        const std::size_t looked_at = message_->head_so_far().size();
        // An empty line left over from the request before is passed over (RFC 9112, 2.2).
        if (looked_at == 0 && (bytes.front() == '\r' || bytes.front() == '\n')) return 1;
        boost::beast::error_code code;
        const std::size_t used = message_->feed_head(bytes, code);
        if (const auto bad = refused_octets(message_->head_so_far(), looked_at))
            refuse(*bad);
        else if (code)
            refuse(refusal_of(code));
        else if (message_->head_done())
            on_head();
        return used;
    }

    std::size_t feed_body(Bytes bytes) {
        boost::beast::error_code code;
        const std::size_t used = message_->feed_body(bytes, code);
        if (code)
            refuse(refusal_of(code));
        else if (message_->is_done())
            complete();
        return used;
    }

    void on_head() {
        head_.method = message_->method;
        head_.http_1_0 = message_->http_1_0;
        head_.keep_alive = message_->keep_alive();
        head_.headers = std::move(message_->headers);
        head_.chunked = message_->chunked();
        if (const auto length = head_.headers.find("Content-Length"))
            head_.content_length = parse_number<std::uint64_t>(*length);
        auto bad = refused_head(head_);
        if (!bad) bad = read_target(message_->target, head_);
        if (bad) return refuse(*bad);
        if (!head_.has_body()) return complete();
        message_->body_max = body_limit_ ? body_limit_(head_) : 0;
        if (message_->body_max == 0 || head_.content_length.value_or(0) > message_->body_max)
            return refuse({413, "the body is too large"});
        wants_continue_ = head_.headers.find("Expect").has_value() && !head_.http_1_0;
    }

    void complete() { state_ = ReadState::complete; }
    void refuse(Refusal why) {
        refusal_ = std::move(why);
        state_ = ReadState::refused;
    }

    BodyLimit body_limit_;
    std::optional<BeastParser<true>> message_;
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
