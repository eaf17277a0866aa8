#include "tracker/front_connection.h"

#include <array>
#include <utility>

#include "base/assert.h"

namespace spate::tracker {

FrontConnection::FrontConnection(Front& front, ConnectionId id, std::unique_ptr<io::Stream> stream)
    : front_(front), id_(id), stream_(std::move(stream)), remote_(stream_->remote()) {}

void FrontConnection::start(Bytes early, TimePoint arrived) {
    stream_->set_handler(*this);
    if (!early.empty()) return on_bytes(early, arrived);
    read_on(arrived + front_.limits().idle_time_max);
}

void FrontConnection::on_readable() {
    if (state_ == State::lingering) return linger();
    if (state_ == State::reading) read();
}

void FrontConnection::read() {
    const auto transfer = stream_->read(front_.scratch());
    if (!transfer) return finish("its connection broke");
    if (transfer->at_end) {
        input_ended_ = true;
        return on_input_end();
    }
    if (transfer->count == 0) return read_on(reading_due_);
    on_bytes(front_.scratch().first(transfer->count), front_.now());
}

void FrontConnection::read_on(TimePoint deadline) {
    state_ = State::reading;
    reading_due_ = deadline;
    front_.set_deadline(id_, deadline);
    stream_->wait_readable();
}

void FrontConnection::pause(TimePoint until) {
    state_ = State::reading;
    front_.set_deadline(id_, until);
}

void FrontConnection::begin_answering() {
    state_ = State::answering;
    front_.set_deadline(id_, never);
}

void FrontConnection::on_deadline() {
    if (state_ == State::reading) return on_reading_due(front_.now());
    if (state_ == State::lingering) return finish();
    finish("it did not read its reply");
}

void FrontConnection::send(ReplyText reply) {
    SPATE_ASSERT(state_ == State::answering);
    reply_ = std::move(reply);
    written_ = 0;
    state_ = State::writing;
    const auto& limits = front_.limits();
    const auto seconds = static_cast<std::int64_t>(reply_->size() / limits.reply_rate_min);
    front_.set_deadline(id_, front_.now() + limits.reply_time_max + std::chrono::seconds(seconds));
    write_reply();
}

void FrontConnection::on_writable() {
    if (state_ == State::writing) write_reply();
}

void FrontConnection::write_reply() {
    const Bytes rest = as_bytes(*reply_).subspan(written_);
    const std::array parts{rest};
    const auto transfer = rest.empty() ? Result<io::Transfer>(io::Transfer{}) : stream_->write(parts);
    if (!transfer) return finish("it went before its reply was out");
    written_ += transfer->count;
    if (written_ < reply_->size()) {
        stream_->wait_writable();
        if (reply_waits_) return;
        reply_waits_ = true;
        return front_.reply_waits(id_, reply_->size());
    }
    reply_.reset();
    if (reply_waits_) front_.reply_done(id_);
    reply_waits_ = false;
    on_reply_sent();
}

void FrontConnection::drop(std::string_view why) {
    finish(why);
}

void FrontConnection::close_politely() {
    if (input_ended_) return finish();
    // Closing with unread bytes would reset the connection and could take the reply away from the client.
    state_ = State::lingering;
    stream_->shutdown_write();
    front_.set_deadline(id_, front_.now() + front_.limits().linger_time_max);
    stream_->wait_readable();
}

void FrontConnection::linger() {
    const auto transfer = stream_->read(front_.scratch());
    if (!transfer || transfer->at_end) return finish();
    lingered_ += transfer->count;
    if (lingered_ > front_.limits().linger_bytes_max) return finish();
    stream_->wait_readable();
}

bool FrontConnection::write_now(std::string_view text) {
    const std::array parts{as_bytes(text)};
    const auto transfer = stream_->write(parts);
    return transfer && transfer->count == text.size();
}

void FrontConnection::become(Language language, Bytes early, TimePoint arrived) {
    front_.hand_over(id_, language, std::move(stream_), early, arrived);
}

void FrontConnection::finish(std::string_view why_turned_away) {
    if (!why_turned_away.empty()) front_.turned_away(remote_, why_turned_away);
    front_.finished(id_);
}

}  // namespace spate::tracker
