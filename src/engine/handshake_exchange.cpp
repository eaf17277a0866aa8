#include "engine/handshake_exchange.h"

#include <array>

namespace spate::engine {

HandshakeExchange::HandshakeExchange(std::unique_ptr<io::Stream> stream,
                                     const std::optional<wire::Handshake>& ours, HandshakeOwner& owner)
    : stream_(std::move(stream)), remote_(stream_->remote()), owner_(owner), incoming_(!ours) {
    stream_->set_handler(*this);
    stream_->wait_readable();
    if (!ours) return;
    const auto octets = wire::to_bytes(*ours);
    output_.assign(octets.begin(), octets.end());
    answered_ = true;
    stream_->wait_writable();
}

void HandshakeExchange::on_readable() {
    std::array<std::uint8_t, wire::handshake_size> buffer;
    const std::size_t room = wire::handshake_size - read_;
    const auto got = stream_->read(MutableBytes(buffer).first(room));
    if (!got) return owner_.on_failed(*this, wire::CloseReason::network_error);
    if (got->at_end) return owner_.on_failed(*this, wire::CloseReason::closed_by_peer);
    read_ += got->count;
    take(Bytes(buffer).first(got->count));
}

void HandshakeExchange::on_writable() {
    if (flush()) finish_if_done();
}

void HandshakeExchange::take(Bytes bytes) {
    const bool first = read_ == bytes.size() && !bytes.empty();
    if (first && incoming_ && bytes.front() != wire::handshake_first_byte)
        return owner_.on_other_protocol(*this, bytes);
    reader_.feed(bytes);
    if (reader_.state() == wire::HandshakeReader::State::refused)
        return owner_.on_failed(*this, wire::CloseReason::not_bittorrent);
    if (!answered_ && reader_.swarm()) {
        const auto ours = owner_.on_swarm(*this, *reader_.swarm(), *reader_.reserved());
        if (!ours) return owner_.on_failed(*this, wire::CloseReason::unknown_torrent);
        const auto octets = wire::to_bytes(*ours);
        output_.assign(octets.begin(), octets.end());
        answered_ = true;
        if (!flush()) return;
    }
    if (reader_.state() == wire::HandshakeReader::State::reading) return stream_->wait_readable();
    finish_if_done();
}

bool HandshakeExchange::flush() {
    while (!output_.empty()) {
        const std::array parts{Bytes(output_)};
        const auto written = stream_->write(parts);
        if (!written) {
            owner_.on_failed(*this, wire::CloseReason::network_error);
            return false;
        }
        if (written->would_block) {
            stream_->wait_writable();
            break;
        }
        output_.erase(output_.begin(), output_.begin() + static_cast<std::ptrdiff_t>(written->count));
    }
    return true;
}

void HandshakeExchange::finish_if_done() {
    if (!output_.empty() || reader_.state() != wire::HandshakeReader::State::complete) return;
    owner_.on_handshake(*this, reader_.handshake());
}

}  // namespace spate::engine
