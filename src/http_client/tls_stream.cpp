#include "http_client/tls_stream.h"

#include <array>

namespace spate::http_client {

TlsStream::TlsStream(io::Reactor& reactor, std::unique_ptr<io::Stream> below,
                     std::shared_ptr<const TlsContext> context, const std::string& host)
    : reactor_(reactor), below_(std::move(below)), session_(std::move(context), host) {
    below_->set_handler(*this);
    below_->wait_readable();
    flush();
}

TlsStream::~TlsStream() {
    *alive_ = false;
}

void TlsStream::wait_readable() {
    wants_read_ = true;
    tell_later();
}

void TlsStream::wait_writable() {
    wants_write_ = true;
    tell_later();
}

Result<io::Transfer> TlsStream::read(MutableBytes into) {
    auto got = session_.read(into);
    flush();
    return got;
}

Result<io::Transfer> TlsStream::write(std::span<const Bytes> parts) {
    io::Transfer all;
    if (unsent_.size() >= TlsSession::output_max) parts = {};  // below is slow
    for (const Bytes part : parts) {
        if (part.empty()) continue;
        const auto written = session_.write(part);
        if (!written) return written;
        all.count += written->count;
        if (written->count < part.size()) break;
    }
    all.would_block = all.count == 0;
    flush();
    return all;
}

void TlsStream::shutdown_write() {
    session_.close();
    flush();
    below_->shutdown_write();
}

void TlsStream::flush() {
    session_.output(unsent_);
    while (!unsent_.empty()) {
        const std::array parts{Bytes(unsent_)};
        const auto sent = below_->write(parts);
        if (!sent) return unsent_.clear();  // reading tells why
        if (sent->would_block) return below_->wait_writable();
        unsent_.erase(unsent_.begin(), unsent_.begin() + static_cast<std::ptrdiff_t>(sent->count));
    }
}

void TlsStream::on_readable() {
    std::array<std::uint8_t, 32 * 1024> buffer;
    const auto got = below_->read(buffer);
    if (!got || got->at_end)
        session_.end_of_input();
    else
        session_.feed(Bytes(buffer).first(got->count));
    flush();
    tell();
}

void TlsStream::on_writable() {
    flush();
    tell();
}

void TlsStream::tell_later() {
    reactor_.post([this, alive = alive_] {
        if (*alive) tell();
    });
}

void TlsStream::tell() {
    const auto alive = alive_;  // the owner may destroy this
    if (wants_read_ && session_.readable()) {
        wants_read_ = false;
        handler_->on_readable();
        if (!*alive) return;
    }
    if (wants_write_ && session_.writable() && unsent_.size() < TlsSession::output_max) {
        wants_write_ = false;
        handler_->on_writable();
        if (!*alive) return;
    }
    if (wants_read_ || !session_.writable()) below_->wait_readable();
}

}  // namespace spate::http_client
