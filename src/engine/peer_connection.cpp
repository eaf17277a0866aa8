#include "engine/peer_connection.h"

#include <algorithm>
#include <utility>

namespace spate::engine {

PeerConnection::PeerConnection(ConnectionShare& share, std::unique_ptr<io::Stream> stream,
                               const wire::WireOptions& options, PeerConnectionOwner& owner)
    : TurnTask(share.turn),
      share_(share),
      stream_(std::move(stream)),
      owner_(owner),
      remote_(stream_->remote()),
      wire_(options),
      last_received_(share.reactor.now()),
      last_sent_(last_received_) {
    stream_->set_handler(*this);
    resume_reading();
}

wire::Buffer& PeerConnection::messages() {
    at_turn_end();
    return output_.messages();
}

void PeerConnection::send_block(const wire::BlockRequest& request, piece_store::BlockView view) {
    output_.push_block(request, std::move(view));
    at_turn_end();
}

void PeerConnection::resume_reading() {
    if (closed() || std::exchange(reading_, true)) return;
    stream_->wait_readable();
}

void PeerConnection::close() {
    stream_.reset();
}

void PeerConnection::fail(wire::CloseReason reason) {
    if (closed()) return;
    close();
    owner_.on_closed(*this, reason);
}

void PeerConnection::on_readable() {
    reading_ = false;
    const std::size_t allowed = std::min(owner_.read_allowance(*this), share_.read_buffer.size());
    if (allowed == 0 || closed()) return;
    const auto got = stream_->read(MutableBytes(share_.read_buffer).first(allowed));
    if (!got) return fail(wire::CloseReason::network_error);
    if (got->at_end) return fail(wire::CloseReason::closed_by_peer);
    if (!got->would_block) {
        last_received_ = share_.reactor.now();
        share_.events.clear();
        const auto fed = wire_.feed(Bytes(share_.read_buffer).first(got->count), share_.events);
        owner_.on_events(*this, got->count, share_.events);
        if (!fed) return fail(fed.error().reason);
    }
    resume_reading();
}

void PeerConnection::on_writable() {
    writing_ = false;
    flush();
}

void PeerConnection::on_turn_end() {
    flush();
    if (output_.size() > output_max) fail(wire::CloseReason::reads_nothing);
}

void PeerConnection::flush() {
    if (closed() || writing_ || output_.empty()) return;
    const auto written = output_.write(*stream_);
    if (!written) return fail(wire::CloseReason::network_error);
    if (written->bytes > 0) last_sent_ = share_.reactor.now();
    sent_ += written->bytes;
    writing_ = written->blocked;
    if (writing_) stream_->wait_writable();
    if (written->bytes > 0) owner_.on_sent(*this, written->bytes, written->block_bytes);
}

}  // namespace spate::engine
