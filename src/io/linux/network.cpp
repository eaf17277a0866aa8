#include "io/linux/network.h"

#include <cerrno>
#include <netinet/in.h>
#include <optional>
#include <sys/socket.h>
#include <utility>

#include "io/linux/datagram.h"
#include "io/linux/listener.h"
#include "io/linux/retry.h"
#include "io/linux/socket_address.h"
#include "io/linux/stream.h"

namespace spate::io_linux {
namespace {

Error unreachable_from(const Address& source, const Endpoint& remote, int code) {
    return Error::system(code, "connect to", remote.text() + " from " + source.text());
}

// The port is drawn by connect(), so that many connections to different places may share one.
Result<void> bind_to(int fd, const Address& source, const Endpoint& remote) {
    if (source.is_v4() != remote.address.is_v4()) return fail(unreachable_from(source, remote, EAFNOSUPPORT));
    constexpr int on = 1;
    const SocketAddress local({source, 0});
    if (::setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on) != 0 ||
        ::bind(fd, local.data(), local.size()) != 0)
        return fail(unreachable_from(source, remote, errno));
    return {};
}

// connect() under way: waits until the socket is writable, then asks how it went.
class Connecting final : public io::Pending, private ReadyHandler {
  public:
    Connecting(EventContext& context, io::Reactor& reactor, const std::optional<Address>& source,
               const Endpoint& remote, io::ConnectCallback on_done)
        : context_(context), remote_(remote), on_done_(std::move(on_done)), alive_(std::make_shared<char>()) {
        auto begun = begin(source);
        if (begun) return;
        // Known already; told in a later turn.
        reactor.post([this, alive = std::weak_ptr(alive_), error = std::move(begun.error())]() mutable {
            if (!alive.expired()) finish(fail(std::move(error)));
        });
    }

  private:
    Result<void> begin(const std::optional<Address>& source) {
        auto socket = open_socket(remote_, SOCK_STREAM);
        if (!socket) return fail(std::move(socket.error()));
        if (source) {
            if (auto bound = bind_to(socket->get(), *source, remote_); !bound) return bound;
        }
        const SocketAddress address(remote_);
        const int fd = socket->get();
        if (::connect(fd, address.data(), address.size()) != 0 && errno != EINPROGRESS && errno != EINTR) {
            return fail(source ? unreachable_from(*source, remote_, errno)
                               : Error::system(errno, "connect to", remote_.text()));
        }
        auto descriptor = Descriptor::watch(context_, std::move(*socket));
        if (!descriptor) return fail(std::move(descriptor.error()));
        descriptor_ = std::move(*descriptor);
        descriptor_->set_handler(*this);
        descriptor_->wait_writable();
        return {};
    }

    void on_read_ready() override {}
    void on_write_ready() override {
        int error = 0;
        socklen_t size = sizeof error;
        if (::getsockopt(descriptor_->fd(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
        // The kernel may pick the very port asked for on this machine and connect the socket to itself.
        if (error == 0 && local_endpoint(descriptor_->fd()) == remote_) error = ECONNREFUSED;
        if (error != 0) return finish(fail(Error::system(error, "connect to", remote_.text())));
        finish(make_stream(std::move(*descriptor_), remote_));
    }

    // The callback may destroy this object.
    void finish(Result<std::unique_ptr<io::Stream>> outcome) {
        descriptor_.reset();
        auto on_done = std::move(on_done_);
        on_done(std::move(outcome));
    }

    EventContext& context_;
    const Endpoint remote_;
    io::ConnectCallback on_done_;
    std::optional<Descriptor> descriptor_;
    std::shared_ptr<char> alive_;
};

}  // namespace

std::unique_ptr<io::Pending> LinuxNetwork::connect(const Endpoint& remote, io::ConnectCallback on_done) {
    return std::make_unique<Connecting>(context_, reactor_, source_, remote, std::move(on_done));
}

Result<std::unique_ptr<io::Listener>> LinuxNetwork::listen(const Endpoint& local,
                                                           io::ListenerHandler& handler) {
    return open_listener(context_, reactor_, local, handler);
}

Result<std::unique_ptr<io::DatagramSocket>> LinuxNetwork::open_datagram(const Endpoint& local) {
    if (!source_ || !local.address.is_unspecified()) return open_udp(context_, local);
    if (source_->is_v4() != local.address.is_v4())
        return fail(Error::system(EAFNOSUPPORT, "send from", source_->text()));
    return open_udp(context_, {*source_, local.port});
}

}  // namespace spate::io_linux
