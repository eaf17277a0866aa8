#include "io/linux/listener.h"

#include <cerrno>
#include <sys/socket.h>
#include <utility>

#include "io/linux/retry.h"
#include "io/linux/socket_address.h"
#include "io/linux/stream.h"

namespace spate::io_linux {

TcpListener::TcpListener(EventContext& context, io::Reactor& reactor, Descriptor listening,
                         io::ListenerHandler& handler)
    : context_(context),
      reactor_(reactor),
      handler_(handler),
      descriptor_(std::move(listening)),
      retry_(reactor.make_timer([this] {
          if (!paused_) descriptor_.wait_readable();
      })),
      alive_(std::make_shared<char>()) {
    descriptor_.set_handler(*this);
    descriptor_.wait_readable();
}

Endpoint TcpListener::local() const {
    return local_endpoint(descriptor_.fd());
}

void TcpListener::pause() {
    paused_ = true;
}

void TcpListener::resume() {
    if (!std::exchange(paused_, false)) return;
    if (!retry_->armed()) descriptor_.wait_readable();
}

void TcpListener::on_read_ready() {
    const std::weak_ptr<void> alive = alive_;
    for (int taken = 0; taken < accept_batch; ++taken) {
        if (paused_) return;
        const bool more = accept_one();
        if (alive.expired()) return;
        if (!more) break;
    }
    if (!paused_ && !retry_->armed()) descriptor_.wait_readable();
}

bool TcpListener::accept_one() {
    SocketAddress from;
    UniqueFd socket(retry([&] {
        return ::accept4(descriptor_.fd(), from.data(), from.size_out(), SOCK_NONBLOCK | SOCK_CLOEXEC);
    }));
    if (!socket) {
        if (errno == EAGAIN || errno == EWOULDBLOCK) return false;
        const bool short_of_something =
            errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
        // The rest is one connection's own trouble (it went away, a filter refused it): on to the next.
        if (short_of_something) accept_failed(errno);
        return !short_of_something;
    }
    auto stream = make_stream(context_, std::move(socket), from.endpoint());
    if (!stream) {
        accept_failed(stream.error().code.value());
        return false;
    }
    told_ = false;
    handler_.on_accept(std::move(*stream));
    return true;
}

void TcpListener::accept_failed(int errno_value) {
    retry_->arm(reactor_.now() + retry_pause);
    if (!std::exchange(told_, true)) {
        handler_.on_accept_error(Error::system(errno_value, "accept on", local().text()));
    }
}

Result<std::unique_ptr<io::Listener>> open_listener(EventContext& context, io::Reactor& reactor,
                                                    const Endpoint& local, io::ListenerHandler& handler) {
    auto socket = open_socket(local, SOCK_STREAM);
    if (!socket) return fail(std::move(socket.error()));
    const int on = 1;
    const SocketAddress address(local);
    if (::setsockopt(socket->get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        ::bind(socket->get(), address.data(), address.size()) != 0 ||
        ::listen(socket->get(), TcpListener::backlog) != 0) {
        return fail(Error::system(errno, "listen on", local.text()));
    }
    auto descriptor = Descriptor::watch(context, std::move(*socket));
    if (!descriptor) return fail(std::move(descriptor.error()));
    return std::make_unique<TcpListener>(context, reactor, std::move(*descriptor), handler);
}

}  // namespace spate::io_linux
