#include "http_client/http_exchange.h"

#include <algorithm>
#include <array>

#include "http/request_writer.h"
#include "http_client/address_rules.h"
#include "http_client/tls_stream.h"

namespace spate::http_client {
namespace {

bool is_redirect(unsigned status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

Error refused(const http::Url& url, std::string why, std::errc kind = std::errc::operation_not_permitted) {
    return Error::invalid("ask", url.text(), std::move(why), kind);
}

}  // namespace

HttpExchange::HttpExchange(io::World& world, ExchangeRequest request, ExchangeLimits limits, Done done)
    : world_(world),
      request_(std::move(request)),
      limits_(std::move(limits)),
      done_(std::move(done)),
      deadline_error_(refused(request_.url, "no answer in time", std::errc::timed_out)),
      deadline_(world.reactor.make_timer([this] { finish(fail(deadline_error_)); })),
      patience_(world.reactor.make_timer([this] { connect_next(); })) {
    deadline_->arm(world_.reactor.now() + limits_.time_limit);
    begin_hop();
}

HttpExchange::~HttpExchange() {
    *alive_ = false;
}

void HttpExchange::begin_hop() {
    const http::Url& url = request_.url;
    if (url.scheme != "http" && url.scheme != "https")
        return fail_later(refused(url, "this is no http URL", std::errc::invalid_argument));
    if (url.scheme == "https" && !tls_) return load_tls();
    last_error_ = refused(url, "none of its addresses may be asked");
    pending_ = world_.resolver.resolve(
        url.host, [this](Result<std::vector<Address>> addresses) { on_resolved(std::move(addresses)); });
}

void HttpExchange::load_tls() {
    const auto loaded = std::make_shared<Result<std::shared_ptr<const TlsContext>>>(nullptr);
    world_.pool.submit([loaded] { *loaded = TlsContext::of_system(); },
                       [this, loaded, alive = alive_] {
                           if (!*alive) return;
                           if (!*loaded) return finish(fail(std::move(loaded->error())));
                           tls_ = std::move(**loaded);
                           begin_hop();
                       });
}

void HttpExchange::fail_later(Error error) {
    deadline_error_ = std::move(error);
    deadline_->arm(world_.reactor.now());
}

void HttpExchange::on_resolved(Result<std::vector<Address>> addresses) {
    if (!addresses) return finish(fail(addresses.error()));
    addresses_ = std::move(*addresses);
    std::erase_if(addresses_, [this](const Address& address) {
        if (global_seen_ && !is_global(address)) return true;
        return limits_.may_ask && !limits_.may_ask(address, request_.url);
    });
    std::ranges::reverse(addresses_);
    connect_next();
}

void HttpExchange::connect_next() {
    patience_->disarm();
    pending_.reset();
    if (addresses_.empty()) return finish(fail(last_error_));
    const Endpoint remote{addresses_.back(), request_.url.port};
    addresses_.pop_back();
    if (!addresses_.empty()) {
        const auto shares = static_cast<Duration::rep>(addresses_.size()) + 2;
        patience_->arm(world_.reactor.now() + limits_.time_limit / shares);
    }
    last_error_ = refused(request_.url, "no answer from " + remote.text(), std::errc::timed_out);
    pending_ = world_.network.connect(
        remote, [this](Result<std::unique_ptr<io::Stream>> stream) { on_connected(std::move(stream)); });
}

void HttpExchange::on_connected(Result<std::unique_ptr<io::Stream>> stream) {
    if (!stream) {
        last_error_ = stream.error();
        return connect_next();
    }
    patience_->disarm();
    pending_.reset();
    stream_ = std::move(*stream);
    global_seen_ = global_seen_ || is_global(stream_->remote().address);
    if (request_.url.scheme == "https")
        stream_ = std::make_unique<TlsStream>(world_.reactor, std::move(stream_), tls_, request_.url.host);
    unsent_ = http::write_request(request_.method, request_.url, request_.headers, request_.body);
    reader_ = std::make_unique<http::ResponseReader>(request_.method, limits_.body_bytes_max);
    stream_->set_handler(*this);
    stream_->wait_readable();
    send();
}

void HttpExchange::send() {
    while (!unsent_.empty()) {
        const std::array parts{as_bytes(unsent_).subspan(sent_)};
        const auto sent = stream_->write(parts);
        // It may have answered before it closed: reading tells.
        if (!sent) return unsent_.clear();
        if (sent->would_block) return stream_->wait_writable();
        sent_ += sent->count;
        if (sent_ < unsent_.size()) continue;
        unsent_.clear();
        sent_ = 0;
    }
}

void HttpExchange::on_writable() {
    send();
}

void HttpExchange::on_readable() {
    std::array<std::uint8_t, 32 * 1024> buffer;
    const auto got = stream_->read(buffer);
    if (!got) return finish(fail(got.error()));
    const auto state = got->at_end ? reader_->end_of_input() : reader_->feed(Bytes(buffer).first(got->count));
    if (state == http::ReadState::reading) return stream_->wait_readable();
    if (state == http::ReadState::complete) return on_response();
    Error error = reader_->error();
    error.object = request_.url.text();
    finish(fail(std::move(error)));
}

void HttpExchange::on_response() {
    Reply reply{reader_->take(), request_.url, stream_->remote(), stream_->local()};
    const auto location = reply.response.headers.find("Location");
    if (!is_redirect(reply.response.status) || !location) return finish(std::move(reply));
    follow(*location);
}

void HttpExchange::follow(std::string_view location) {
    if (request_.method != http::Method::get && request_.method != http::Method::head)
        return finish(fail(refused(request_.url, "it wants to redirect what is sent")));
    if (redirects_++ == limits_.redirects_max)
        return finish(fail(refused(request_.url, "too many redirects")));
    auto url = request_.url.resolve(location);
    if (!url) return finish(fail(url.error()));
    if (request_.url.scheme == "https" && url->scheme != "https")
        return finish(fail(refused(request_.url, "it wants to redirect out of https, to " + url->text())));
    if (!url->same_origin(request_.url)) request_.headers = {};
    request_.url = std::move(*url);
    stream_.reset();
    unsent_.clear();
    sent_ = 0;
    begin_hop();
}

void HttpExchange::finish(Result<Reply> result) {
    deadline_->disarm();
    patience_->disarm();
    pending_.reset();
    stream_.reset();
    auto done = std::move(done_);  // it may destroy this
    done(std::move(result));
}

}  // namespace spate::http_client
