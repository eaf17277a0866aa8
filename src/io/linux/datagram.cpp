#include "io/linux/datagram.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/socket.h>
#include <sys/uio.h>
#include <utility>

#include "base/assert.h"
#include "io/linux/retry.h"
#include "io/linux/socket_address.h"

namespace spate::io_linux {
namespace {

// What the two calls want to see: headers that point at addresses and pieces.
struct Batch {
    std::array<mmsghdr, UdpSocket::batch_max> headers;
    std::array<iovec, UdpSocket::batch_max> pieces;
    std::array<SocketAddress, UdpSocket::batch_max> addresses;

    void set(std::size_t i, const SocketAddress& address, iovec piece) {
        addresses[i] = address;
        pieces[i] = piece;
        headers[i] = {};
        headers[i].msg_hdr.msg_name = addresses[i].data();
        headers[i].msg_hdr.msg_namelen = addresses[i].size();
        headers[i].msg_hdr.msg_iov = &pieces[i];
        headers[i].msg_hdr.msg_iovlen = 1;
    }
};

// `call(span)` handles up to batch_max items; goes on until one call handles fewer. What was handled counts:
// an error behind it comes back with the next call.
template <class Item, class Call>
Result<std::size_t> in_batches(std::span<Item> items, Call call) {
    std::size_t total = 0;
    while (total < items.size()) {
        const auto batch = items.subspan(total, std::min(items.size() - total, UdpSocket::batch_max));
        const auto done = call(batch);
        if (!done && total == 0) return done;
        total += done.value_or(0);
        if (!done || *done < batch.size()) break;
    }
    return total;
}

}  // namespace

UdpSocket::UdpSocket(Descriptor bound) : descriptor_(std::move(bound)) {
    descriptor_.set_handler(*this);
}

void UdpSocket::wait_readable() {
    SPATE_ASSERT(handler_);
    descriptor_.wait_readable();
}

void UdpSocket::wait_writable() {
    SPATE_ASSERT(handler_);
    descriptor_.wait_writable();
}

Result<std::size_t> UdpSocket::receive(std::span<io::ReceivedDatagram> into) {
    return in_batches(into, [this](auto batch) { return receive_batch(batch); });
}

Result<std::size_t> UdpSocket::send(std::span<const io::OutgoingDatagram> datagrams) {
    return in_batches(datagrams, [this](auto batch) { return send_batch(batch); });
}

Result<std::size_t> UdpSocket::receive_batch(std::span<io::ReceivedDatagram> into) {
    Batch batch;
    for (std::size_t i = 0; i < into.size(); ++i) {
        batch.set(i, SocketAddress(), {into[i].buffer.data(), into[i].buffer.size()});
    }
    const int got = retry([&] {
        return ::recvmmsg(descriptor_.fd(), batch.headers.data(), static_cast<unsigned>(into.size()), 0,
                          nullptr);
    });
    if (got < 0) {
        if (errno == EAGAIN || errno == EWOULDBLOCK) return 0;
        return fail(Error::system(errno, "receive at", local().text()));
    }
    const auto count = static_cast<std::size_t>(got);
    for (std::size_t i = 0; i < count; ++i) {
        into[i].from = batch.addresses[i].endpoint();
        into[i].length = batch.headers[i].msg_len;
    }
    return count;
}

Result<std::size_t> UdpSocket::send_batch(std::span<const io::OutgoingDatagram> datagrams) {
    Batch batch;
    for (std::size_t i = 0; i < datagrams.size(); ++i) {
        // The kernel only reads through this pointer; iovec has no const form.
        auto* data = const_cast<std::uint8_t*>(datagrams[i].payload.data());
        batch.set(i, SocketAddress(datagrams[i].to), {data, datagrams[i].payload.size()});
    }
    const int sent = retry([&] {
        return ::sendmmsg(descriptor_.fd(), batch.headers.data(), static_cast<unsigned>(datagrams.size()),
                          MSG_NOSIGNAL);
    });
    if (sent >= 0) return static_cast<std::size_t>(sent);
    if (errno == EAGAIN || errno == EWOULDBLOCK) return 0;
    return fail(Error::system(errno, "send to", datagrams.front().to.text()));
}

Endpoint UdpSocket::local() const {
    return local_endpoint(descriptor_.fd());
}

Result<std::unique_ptr<io::DatagramSocket>> open_udp(EventContext& context, const Endpoint& local) {
    auto socket = open_socket(local, SOCK_DGRAM);
    if (!socket) return fail(std::move(socket.error()));
    const SocketAddress address(local);
    if (::bind(socket->get(), address.data(), address.size()) != 0) {
        return fail(Error::system(errno, "bind to", local.text()));
    }
    auto descriptor = Descriptor::watch(context, std::move(*socket));
    if (!descriptor) return fail(std::move(descriptor.error()));
    return std::make_unique<UdpSocket>(std::move(*descriptor));
}

}  // namespace spate::io_linux
