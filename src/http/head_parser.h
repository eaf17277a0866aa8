// HeadParser: start line and header fields of one message by Boost.Beast's grammar, fed in any split, into
// plain fields. Beast sees the whole head at once, and never a body (body_reader.h). Private to the two
// readers' .cpp files, as Beast's headers are heavy. Limits: limits.h.
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
class HeadParser final : public boost::beast::http::basic_parser<is_request> {
  public:
    using Code = boost::beast::error_code;
    using Fault = boost::beast::http::error;

    HeadParser() {
        this->header_limit(head_bytes_max + 1);
        this->body_limit(boost::none);
    }

    // Bytes of the head up to its end; how many were used.
    std::size_t feed(Bytes bytes, Code& code) {
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
        // A complete head that Beast wants more of is broken.
        if (code == Fault::need_more || (!code && !this->is_header_done())) code = Fault::partial_message;
        done_ = !code;
        return taken.size() - beyond;
    }

    bool done() const { return done_; }
    const std::string& so_far() const { return head_; }

    Method method = Method::other;
    std::string target;
    bool http_1_0 = false;
    unsigned status = 0;
    Headers headers;

  private:
    using Text = boost::beast::string_view;
    static std::string copy(Text text) { return {text.data(), text.size()}; }

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
        if (headers.all().size() == header_count_max) code = Fault::header_limit;
        headers.add(copy(name), copy(value));
    }
    void on_header_impl(Code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, Code&) override {}
    std::size_t on_body_impl(Text text, Code&) override { return text.size(); }
    void on_chunk_header_impl(std::uint64_t, Text, Code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, Text text, Code&) override { return text.size(); }
    void on_finish_impl(Code&) override {}

    std::string head_;
    bool done_ = false;
};

}  // namespace spate::http
