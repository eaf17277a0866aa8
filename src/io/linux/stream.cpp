#include "io/linux/stream.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <utility>

#include "base/assert.h"
#include "io/linux/retry.h"
#include "io/linux/socket_address.h"

namespace spate::io_linux {
namespace {
constexpr std::size_t parts_max = 64;

bool would_block() {
    return errno == EAGAIN || errno == EWOULDBLOCK;
}

void set_no_delay(int fd) {
    const int on = 1;
    static_cast<void>(
        ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));  // slower, not wrong, without
}
}  // namespace

TcpStream::TcpStream(Descriptor connected, const Endpoint& remote)
    : descriptor_(std::move(connected)), remote_(remote) {
    descriptor_.set_handler(*this);
}

void TcpStream::wait_readable() {
    SPATE_ASSERT(handler_);
    if (descriptor_.fd() >= 0) descriptor_.wait_readable();
}

void TcpStream::wait_writable() {
    SPATE_ASSERT(handler_);
    if (descriptor_.fd() >= 0) descriptor_.wait_writable();
}

Result<io::Transfer> TcpStream::read(MutableBytes into) {
    SPATE_ASSERT(!into.empty());
    const ssize_t got = retry([&] { return ::recv(descriptor_.fd(), into.data(), into.size(), 0); });
    if (got > 0) return io::Transfer{.count = static_cast<std::size_t>(got)};
    if (got == 0) return io::Transfer{.at_end = true};
    if (would_block()) return io::Transfer{.would_block = true};
    return fail(Error::system(errno, "receive from", remote_.text()));
}

Result<io::Transfer> TcpStream::write(std::span<const Bytes> parts) {
    std::array<iovec, parts_max> pieces;
    std::size_t count = 0;
    std::size_t total = 0;
    for (const Bytes part : parts.first(std::min(parts.size(), parts_max))) {
        // The kernel only reads through this pointer; iovec has no const form.
        pieces[count++] = {const_cast<std::uint8_t*>(part.data()), part.size()};
        total += part.size();
    }
    SPATE_ASSERT(total > 0);
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = count;
    const ssize_t sent = retry([&] { return ::sendmsg(descriptor_.fd(), &message, MSG_NOSIGNAL); });
    if (sent >= 0) return io::Transfer{.count = static_cast<std::size_t>(sent)};
    if (would_block()) return io::Transfer{.would_block = true};
    return fail(Error::system(errno, "send to", remote_.text()));
}

void TcpStream::limit_unsent(std::size_t bytes) {
    const int most = static_cast<int>(std::min<std::size_t>(bytes, INT_MAX));
    static_cast<void>(::setsockopt(descriptor_.fd(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &most, sizeof most));
}

std::size_t TcpStream::unconfirmed() const {
    int bytes = 0;
    return ::ioctl(descriptor_.fd(), SIOCOUTQ, &bytes) == 0 ? static_cast<std::size_t>(bytes) : 0;
}

void TcpStream::shutdown_write() {
    static_cast<void>(::shutdown(descriptor_.fd(), SHUT_WR));
}

void TcpStream::abort() {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    static_cast<void>(::setsockopt(descriptor_.fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once));
    descriptor_.close();
}

Endpoint TcpStream::local() const {
    return local_endpoint(descriptor_.fd());
}

std::unique_ptr<io::Stream> make_stream(Descriptor connected, const Endpoint& remote) {
    set_no_delay(connected.fd());
    return std::make_unique<TcpStream>(std::move(connected), remote);
}

Result<std::unique_ptr<io::Stream>> make_stream(EventContext& context, UniqueFd connected,
                                                const Endpoint& remote) {
    auto descriptor = Descriptor::watch(context, std::move(connected));
    if (!descriptor) return fail(std::move(descriptor.error()));
    return make_stream(std::move(*descriptor), remote);
}

}  // namespace spate::io_linux
