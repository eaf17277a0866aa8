// BeastParser: Boost.Beast's HTTP grammar over memory of our own: one message, fed in any split, into plain
// fields. Private to the two readers' .cpp files, as Beast's headers are heavy. Limits: limits.h; body_max is
// the owner's and may be set once the head is there.
#pragma once

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <string>

#include "base/bytes.h"
#include "http/limits.h"
#include "http/message.h"

namespace spate::http {

template <bool is_request>
class BeastParser final : public boost::beast::http::basic_parser<is_request> {
  public:
    using Code = boost::beast::error_code;
    using Fault = boost::beast::http::error;

    BeastParser() {
        this->eager(true);
        this->header_limit(head_bytes_max + 1);
        this->body_limit(boost::none);  // body_max is counted here
    }

    // Bytes of the head up to its end; how many were used.
    std::size_t feed_head(Bytes bytes, Code& code) {
        code = {};
        const std::size_t before = head_.size();
        const auto taken = bytes.first(std::min(bytes.size(), head_bytes_max - before));
        head_ += as_text(taken);
        const auto end = head_.find("\r\n\r\n", before < 3 ? 0 : before - 3);
        if (end == head_.npos) {
            if (head_.size() == head_bytes_max) code = Fault::header_limit;
            return taken.size();
        }
        const std::size_t beyond = head_.size() - (end + 4);
        head_.resize(end + 4);
        this->put(boost::asio::const_buffer(head_.data(), head_.size()), code);
        if (code == Fault::need_more) code = {};
        head_done_ = true;
        return taken.size() - beyond;
    }

    // Bytes of the body; how many were used. Those of an unfinished chunk line are kept.
    std::size_t feed_body(Bytes bytes, Code& code) {
        std::size_t used = 0;
        if (partial_line_.empty()) {
            used = put_all(bytes, code);
            if (this->is_done() || code) return used;
            partial_line_ = as_text(bytes.subspan(used));
        } else {
            partial_line_ += as_text(bytes);
            used = put_all(as_bytes(partial_line_), code);
            const std::size_t beyond = partial_line_.size() - used;
            if (this->is_done() || code) return bytes.size() - std::min(beyond, bytes.size());
            partial_line_.erase(0, used);
        }
        if (partial_line_.size() > chunk_line_bytes_max) code = Fault::bad_chunk;
        return bytes.size();
    }

    bool head_done() const { return head_done_; }
    const std::string& head_so_far() const { return head_; }

    Method method = Method::other;
    std::string target;
    bool http_1_0 = false;
    unsigned status = 0;
    Headers headers;
    std::string body;
    std::size_t body_max = 0;

  private:
    using Text = boost::beast::string_view;
    static std::string copy(Text text) { return {text.data(), text.size()}; }

    std::size_t put_all(Bytes bytes, Code& code) {
        const std::size_t used = this->put(boost::asio::const_buffer(bytes.data(), bytes.size()), code);
        if (code == Fault::need_more) code = {};
        return used;
    }

    std::size_t take_body(Text text, Code& code) {
        if (text.size() > body_max - std::min(body.size(), body_max)) {
            code = Fault::body_limit;
            return 0;
        }
        body.append(text.data(), text.size());
        return text.size();
    }

    void on_request_impl(boost::beast::http::verb given, Text, Text raw_target, int version_number,
                         Code&) override {
        using boost::beast::http::verb;
        switch (given) {
            case verb::get:
                method = Method::get;
                break;
            case verb::head:
                method = Method::head;
                break;
            case verb::put:
                method = Method::put;
                break;
            case verb::post:
                method = Method::post;
                break;
            case verb::delete_:
                method = Method::remove;
                break;
            case verb::options:
                method = Method::options;
                break;
            default:
                method = Method::other;
                break;
        }
        target = copy(raw_target);
        http_1_0 = version_number == 10;
    }
    void on_response_impl(int code, Text, int, Code&) override { status = static_cast<unsigned>(code); }
    void on_field_impl(boost::beast::http::field, Text name, Text value, Code& code) override {
        if (head_done_) return;  // a trailer
        if (headers.all().size() == header_count_max) code = Fault::header_limit;
        headers.add(copy(name), copy(value));
    }
    void on_header_impl(Code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>& length, Code& code) override {
        if (length && *length > body_max) code = Fault::body_limit;
    }
    std::size_t on_body_impl(Text text, Code& code) override { return take_body(text, code); }
    void on_chunk_header_impl(std::uint64_t, Text, Code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, Text text, Code& code) override {
        return take_body(text, code);
    }
    void on_finish_impl(Code&) override {}

    std::string head_;
    std::string partial_line_;
    bool head_done_ = false;
};

}  // namespace spate::http
