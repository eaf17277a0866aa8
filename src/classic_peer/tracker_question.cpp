#include "classic_peer/tracker_question.h"

#include <algorithm>
#include <array>

namespace spate::classic_peer {

TrackerQuestion::TrackerQuestion(io::World& world, const HostPort& tracker, Duration time_limit,
                                 TrackerClient::Message message, std::unique_ptr<TrackerReplyReader> reader)
    : world_(world), tracker_(tracker), message_(std::move(message)), reader_(std::move(reader)) {
    timer_ = world_.reactor.make_timer([this] { on_time_limit(); });
    timer_->arm(world_.reactor.now() + time_limit);
    last_error_ = Error::invalid("ask tracker", tracker_.text(), "no answer in time", std::errc::timed_out);
    pending_ = world_.resolver.resolve(
        tracker_.host, [this](Result<std::vector<Address>> addresses) { on_resolved(std::move(addresses)); });
}

void TrackerQuestion::on_resolved(Result<std::vector<Address>> addresses) {
    if (!addresses) return finish(&addresses.error());
    addresses_ = std::move(*addresses);
    std::ranges::reverse(addresses_);
    connect_next();
}

void TrackerQuestion::connect_next() {
    if (addresses_.empty()) return finish(&last_error_);
    const Endpoint remote{addresses_.back(), tracker_.port};
    addresses_.pop_back();
    pending_ = world_.network.connect(
        remote, [this](Result<std::unique_ptr<io::Stream>> stream) { on_connected(std::move(stream)); });
}

void TrackerQuestion::on_connected(Result<std::unique_ptr<io::Stream>> stream) {
    if (!stream) {
        last_error_ = stream.error();
        return connect_next();
    }
    pending_.reset();
    stream_ = std::move(*stream);
    unsent_ = message_(stream_->local().address.unmapped());
    stream_->set_handler(*this);
    stream_->wait_readable();
    send();
}

void TrackerQuestion::send() {
    while (!unsent_.empty()) {
        const std::array parts{as_bytes(unsent_)};
        const auto sent = stream_->write(parts);
        if (!sent) return finish(&sent.error());
        if (sent->would_block) return stream_->wait_writable();
        unsent_.erase(0, sent->count);
    }
}

void TrackerQuestion::on_writable() {
    send();
}

void TrackerQuestion::on_readable() {
    std::array<std::uint8_t, 16 * 1024> buffer;
    const auto got = stream_->read(buffer);
    if (!got) return finish(&got.error());
    if (got->at_end) {
        const Error closed = Error::invalid("ask tracker", tracker_.text(), "it closed without an answer",
                                            std::errc::connection_reset);
        return finish(&closed);
    }
    any_bytes_ = any_bytes_ || got->count > 0;
    if (got->count > 0 && reader_->feed(Bytes(buffer).first(got->count), world_.reactor.now()))
        return finish(nullptr);
    stream_->wait_readable();
}

void TrackerQuestion::on_time_limit() {
    finish(&last_error_);
}

void TrackerQuestion::finish(const Error* error) {
    const Error copy = error != nullptr ? *error : Error{};
    timer_->disarm();
    pending_.reset();
    stream_.reset();
    if (error != nullptr && any_bytes_) {  // a tracker that does not end its reply, or resets after it
        reader_->end_of_input();
        error = nullptr;
    }
    const auto reader = std::move(reader_);  // the answer may destroy this
    reader->answer(error != nullptr ? &copy : nullptr);
}

}  // namespace spate::classic_peer
