#include "tracker/http_connection.h"

#include <algorithm>
#include <utility>

#include "http/response_writer.h"

namespace spate::tracker {

HttpConnection::HttpConnection(Front& front, ConnectionId id, std::unique_ptr<io::Stream> stream,
                               HttpRequests& requests)
    : FrontConnection(front, id, std::move(stream)),
      requests_(requests),
      reader_([&requests](const http::RequestHead& head) { return requests.body_max(head); }),
      give_up_(front.now() + front.limits().idle_time_max) {}

HttpConnection::~HttpConnection() {
    requests_.unfinished().remove(id());
}

bool HttpConnection::keep_unfinished(std::size_t bytes) {
    const auto verdict = requests_.unfinished().add(id(), remote().address.source(), bytes);
    for (const auto other : verdict.dropped)
        if (auto* connection = front().find(other))
            connection->drop("its request was the oldest unfinished one, and others needed the memory");
    return verdict.kept;
}

void HttpConnection::on_bytes(Bytes bytes, TimePoint arrived) {
    const auto& limits = front().limits();
    if (!reader_.begun()) give_up_ = arrived + limits.request_time_max;
    const auto used = reader_.feed(bytes);
    give_up_ += Duration(static_cast<std::int64_t>(used * 1'000'000'000 / limits.reply_rate_min));
    if (reader_.state() == http::ReadState::refused) return refuse(reader_.refusal());
    if (reader_.state() == http::ReadState::complete) {
        requests_.unfinished().remove(id());
        rest_ = as_text(bytes.subspan(used));
        return answer();
    }
    if (!keep_unfinished(used)) return refuse({503, "too many large requests at once"});
    if (reader_.take_expect_continue() && !write_now(http::continue_line))
        return finish("it went before its reply was out");
    // In all by `give_up_`, and something more in each request_time_max: it may not rest on what it sent.
    read_on(std::min(give_up_, arrived + limits.request_time_max));
}

void HttpConnection::on_input_end() {
    finish(reader_.begun() ? "it sent no whole request" : "");
}

void HttpConnection::on_reading_due(TimePoint now) {
    if (!rest_.empty()) {
        const auto next = std::exchange(rest_, {});
        return on_bytes(as_bytes(next), now);
    }
    finish(reader_.begun() ? "it sent no whole request in time" : "");
}

void HttpConnection::refuse(const http::Refusal& refusal) {
    front().turned_away(remote(), "bad HTTP: " + refusal.reason);
    begin_answering();
    keep_open_ = false;
    reply(http::Response::text(refusal.status, refusal.reason + "\n"));
}

void HttpConnection::answer() {
    auto request = reader_.take();
    method_ = request.head.method;
    keep_open_ = request.head.keep_alive;
    begin_answering();
    const Endpoint from = remote();  // the connection may go while it is answered
    requests_.answer(from, std::move(request), [&front = front(), id = id()](http::Response response) {
        auto* asker = static_cast<HttpConnection*>(front.find(id));
        if (asker != nullptr) asker->reply(response);
    });
}

void HttpConnection::reply(const http::Response& response) {
    send(std::make_shared<const std::string>(http::write_response(response, method_, keep_open_)));
}

void HttpConnection::on_reply_sent() {
    if (!keep_open_) return close_politely();
    // A request that waits is looked at in a turn of its own: many in one packet never pile up on the stack.
    if (!rest_.empty()) return pause(front().now());
    give_up_ = front().now() + front().limits().idle_time_max;
    read_on(give_up_);
}

}  // namespace spate::tracker
