#include "io/linux/datagram.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
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

// The address of ours that a datagram goes to or comes from, in a control message (ip(7), ipv6(7)).
struct OwnAddress {
    alignas(cmsghdr) std::array<std::uint8_t, CMSG_SPACE(sizeof(in6_pktinfo))> octets;

    void make_room(msghdr& header) {
        header.msg_control = octets.data();
        header.msg_controllen = octets.size();
    }
    template <class Info, class Member>
    void write(msghdr& header, int level, int type, Member Info::* member, const Address& address) {
        make_room(header);
        header.msg_controllen = CMSG_SPACE(sizeof(Info));
        auto* message = CMSG_FIRSTHDR(&header);
        *message = {CMSG_LEN(sizeof(Info)), level, type};
        Info info{};
        std::memcpy(&(info.*member), address.octets().data(), sizeof(Member));
        std::memcpy(CMSG_DATA(message), &info, sizeof info);
    }
    void write(msghdr& header, const Address& address) {
        if (address.is_v4())
            write(header, IPPROTO_IP, IP_PKTINFO, &in_pktinfo::ipi_spec_dst, address);
        else
            write(header, IPPROTO_IPV6, IPV6_PKTINFO, &in6_pktinfo::ipi6_addr, address);
    }
    static Address read(msghdr& header) {
        for (auto* message = CMSG_FIRSTHDR(&header); message != nullptr;
             message = CMSG_NXTHDR(&header, message)) {
            if (message->cmsg_level == IPPROTO_IP && message->cmsg_type == IP_PKTINFO) {
                std::array<std::uint8_t, 4> four{};
                std::memcpy(four.data(), CMSG_DATA(message) + offsetof(in_pktinfo, ipi_addr), four.size());
                return Address::v4(four);
            }
            if (message->cmsg_level == IPPROTO_IPV6 && message->cmsg_type == IPV6_PKTINFO) {
                std::array<std::uint8_t, 16> sixteen{};
                std::memcpy(sixteen.data(), CMSG_DATA(message) + offsetof(in6_pktinfo, ipi6_addr),
                            sixteen.size());
                return Address::v6(sixteen);
            }
        }
        return {};
    }
};
using OwnAddresses = std::array<OwnAddress, UdpSocket::batch_max>;

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

UdpSocket::UdpSocket(Descriptor bound, bool any_address)
    : descriptor_(std::move(bound)), any_address_(any_address) {
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
    OwnAddresses own;
    for (std::size_t i = 0; i < into.size(); ++i) {
        batch.set(i, SocketAddress(), {into[i].buffer.data(), into[i].buffer.size()});
        if (any_address_) own[i].make_room(batch.headers[i].msg_hdr);
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
        into[i].to = any_address_ ? OwnAddress::read(batch.headers[i].msg_hdr) : Address();
    }
    return count;
}

Result<std::size_t> UdpSocket::send_batch(std::span<const io::OutgoingDatagram> datagrams) {
    Batch batch;
    OwnAddresses own;
    for (std::size_t i = 0; i < datagrams.size(); ++i) {
        // The kernel only reads through this pointer; iovec has no const form.
        auto* data = const_cast<std::uint8_t*>(datagrams[i].payload.data());
        batch.set(i, SocketAddress(datagrams[i].to), {data, datagrams[i].payload.size()});
        if (any_address_ && !datagrams[i].from.is_unspecified())
            own[i].write(batch.headers[i].msg_hdr, datagrams[i].from);
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
    const bool any_address = local.address.is_unspecified();
    if (any_address) {
        constexpr int on = 1;
        const bool v4 = local.address.is_v4();
        if (::setsockopt(socket->get(), v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_PKTINFO : IPV6_RECVPKTINFO,
                         &on, sizeof on) != 0) {
            return fail(Error::system(errno, "ask for own addresses at", local.text()));
        }
    }
    auto descriptor = Descriptor::watch(context, std::move(*socket));
    if (!descriptor) return fail(std::move(descriptor.error()));
    return std::make_unique<UdpSocket>(std::move(*descriptor), any_address);
}

}  // namespace spate::io_linux
