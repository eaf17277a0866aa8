#include "tracker/classic_connection.h"

#include <algorithm>
#include <utility>

#include "classic/tracker_reply.h"

namespace spate::tracker {

namespace {
constexpr std::size_t requests_at_once_max = 16;
}

ClassicConnection::ClassicConnection(Front& front, ConnectionId id, std::unique_ptr<io::Stream> stream,
                                     ClassicRequests& requests)
    : FrontConnection(front, id, std::move(stream)),
      requests_(requests),
      framer_(static_cast<std::uint32_t>(front.limits().line_length_max)),
      give_up_(front.now() + front.limits().idle_time_max) {}

void ClassicConnection::on_bytes(Bytes bytes, TimePoint arrived) {
    std::vector<classic::FramedRequest> requests;
    const bool begins = framer_.buffered() == 0;
    framer_.feed(bytes, arrived, requests);
    // Blanks between requests are no beginning and win no time.
    if (begins && framer_.buffered() > 0) give_up_ = arrived + front().limits().request_time_max;
    if (!requests.empty()) return requests_arrived(std::move(requests));
    wait_for_more();
}

void ClassicConnection::on_input_end() {
    std::vector<classic::FramedRequest> requests;
    framer_.end_of_input(requests);
    if (requests.empty()) return finish();
    requests_arrived(std::move(requests));
}

void ClassicConnection::on_reading_due(TimePoint now) {
    if (now >= give_up_) return finish("it sent no whole request in time");
    std::vector<classic::FramedRequest> requests;
    framer_.on_timeout(now, requests);
    if (!requests.empty()) return requests_arrived(std::move(requests));
    wait_for_more();
}

void ClassicConnection::wait_for_more() {
    read_on(std::min(give_up_, framer_.next_timeout()));
}

void ClassicConnection::requests_arrived(std::vector<classic::FramedRequest> requests) {
    // Only the bare dialect has more than one answered; what is beyond the cap goes unanswered.
    if (requests.size() > requests_at_once_max) requests.resize(requests_at_once_max);
    waiting_ = std::move(requests);
    answer_next();
}

void ClassicConnection::answer_next() {
    const auto framed = std::move(waiting_.front());
    waiting_.erase(waiting_.begin());
    begin_answering();
    if (framed.kind == classic::FramedRequest::Kind::too_long) {
        front().turned_away(remote(), "its request was too long");
        return take_reply({std::make_shared<const std::string>(classic::write_line_too_long()), false});
    }
    const Endpoint from = remote();  // the connection may go while it is answered
    requests_.answer(from, classic::parse_tracker_request(framed.line),
                     [&front = front(), id = id()](Answered answered) {
                         auto* asker = static_cast<ClassicConnection*>(front.find(id));
                         if (asker != nullptr) asker->take_reply(std::move(answered));
                     });
}

void ClassicConnection::take_reply(Answered answered) {
    keep_open_ = answered.keep_open;
    send(std::move(answered.text));
}

void ClassicConnection::on_reply_sent() {
    if (keep_open_ && !waiting_.empty()) return answer_next();
    if (!keep_open_ || input_ended()) return close_politely();
    give_up_ = front().now() + front().limits().idle_time_max;
    wait_for_more();
}

}  // namespace spate::tracker
