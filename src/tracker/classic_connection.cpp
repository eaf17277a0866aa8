#include "tracker/classic_connection.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/assert.h"
#include "classic/tracker_reply.h"

namespace spate::tracker {

namespace {
constexpr std::size_t requests_at_once_max = 16;
}

ClassicConnection::ClassicConnection(ConnectionOwner& owner, ConnectionId id,
                                     std::unique_ptr<io::Stream> stream)
    : owner_(owner),
      id_(id),
      stream_(std::move(stream)),
      remote_(stream_->remote()),
      framer_(static_cast<std::uint32_t>(owner.limits().line_length_max)) {}

void ClassicConnection::start() {
    stream_->set_handler(*this);
    give_up_ = owner_.now() + owner_.limits().idle_time_max;
    set_reading_deadline();
    stream_->wait_readable();
}

void ClassicConnection::on_readable() {
    if (state_ == State::lingering) return linger();
    if (state_ == State::reading) read_request();
}

void ClassicConnection::read_request() {
    const auto transfer = stream_->read(owner_.scratch());
    if (!transfer) return finish("its connection broke");
    std::vector<classic::FramedRequest> requests;
    if (transfer->at_end) {
        input_ended_ = true;
        framer_.end_of_input(requests);
        if (requests.empty()) return finish();
    } else if (transfer->count > 0) {
        const auto now = owner_.now();
        const bool begins = framer_.buffered() == 0;
        framer_.feed(owner_.scratch().first(transfer->count), now, requests);
        // Blanks between requests are no beginning and win no time.
        if (begins && framer_.buffered() > 0) give_up_ = now + owner_.limits().request_time_max;
    }
    if (!requests.empty()) return requests_arrived(std::move(requests));
    set_reading_deadline();
    stream_->wait_readable();
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
    state_ = State::answering;
    owner_.set_deadline(id_, never);  // the catalogue and the possession check have limits of their own
    if (framed.kind == classic::FramedRequest::Kind::too_long) {
        owner_.turned_away(remote_, "its request was too long");
        return take_reply({std::make_shared<const std::string>(classic::write_line_too_long()), false});
    }
    owner_.answer(*this, classic::parse_tracker_request(framed.line));
}

void ClassicConnection::on_deadline() {
    const auto now = owner_.now();
    if (state_ == State::reading && now < give_up_) {
        std::vector<classic::FramedRequest> requests;
        framer_.on_timeout(now, requests);
        if (!requests.empty()) return requests_arrived(std::move(requests));
        return set_reading_deadline();
    }
    if (state_ == State::lingering) return finish();
    finish(state_ == State::writing ? "it did not read its reply" : "it sent no whole request in time");
}

void ClassicConnection::set_reading_deadline() {
    owner_.set_deadline(id_, std::min(give_up_, framer_.next_timeout()));
}

void ClassicConnection::take_reply(Answered answered) {
    SPATE_ASSERT(state_ == State::answering);
    reply_ = std::move(answered);
    written_ = 0;
    state_ = State::writing;
    const auto& limits = owner_.limits();
    const auto seconds = static_cast<std::int64_t>(reply_.text->size() / limits.reply_rate_min);
    owner_.set_deadline(id_, owner_.now() + limits.reply_time_max + std::chrono::seconds(seconds));
    write_reply();
}

void ClassicConnection::drop() {
    finish("it read its reply too slowly, and others needed the memory");
}

void ClassicConnection::on_writable() {
    if (state_ == State::writing) write_reply();
}

void ClassicConnection::write_reply() {
    const Bytes rest = as_bytes(*reply_.text).subspan(written_);
    const std::array parts{rest};
    const auto transfer = rest.empty() ? Result<io::Transfer>(io::Transfer{}) : stream_->write(parts);
    if (!transfer) return finish("it went before its reply was out");
    written_ += transfer->count;
    if (written_ == reply_.text->size()) return reply_written();
    stream_->wait_writable();
    if (reply_waits_) return;
    reply_waits_ = true;
    owner_.reply_waits(id_, reply_.text->size());
}

void ClassicConnection::reply_written() {
    const bool stays_open = reply_.keep_open;
    reply_ = {};
    if (reply_waits_) owner_.reply_done(id_);
    reply_waits_ = false;
    if (stays_open && !waiting_.empty()) return answer_next();
    if (stays_open && !input_ended_) {
        state_ = State::reading;
        give_up_ = owner_.now() + owner_.limits().idle_time_max;
        set_reading_deadline();
        return stream_->wait_readable();
    }
    if (input_ended_) return finish();
    // Closing with unread bytes would reset the connection and could take the reply away from the client.
    state_ = State::lingering;
    stream_->shutdown_write();
    owner_.set_deadline(id_, owner_.now() + owner_.limits().linger_time_max);
    stream_->wait_readable();
}

void ClassicConnection::linger() {
    const auto transfer = stream_->read(owner_.scratch());
    if (!transfer || transfer->at_end) return finish();
    lingered_ += transfer->count;
    if (lingered_ > owner_.limits().linger_bytes_max) return finish();
    stream_->wait_readable();
}

void ClassicConnection::finish(std::string_view why_turned_away) {
    if (!why_turned_away.empty()) owner_.turned_away(remote_, why_turned_away);
    owner_.finished(id_);
}

}  // namespace spate::tracker
