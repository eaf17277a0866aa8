#include "sim/wrapped_network.h"

#include <utility>

namespace spate::sim {
namespace {

class WrappedListener final : public io::Listener, private io::ListenerHandler {
  public:
    WrappedListener(io::ListenerHandler& handler, StreamWrapper wrapper)
        : handler_(handler), wrapper_(std::move(wrapper)) {}
    Result<void> open(io::Network& network, const Endpoint& local) {
        auto inner = network.listen(local, *this);
        if (!inner) return fail(std::move(inner.error()));
        inner_ = std::move(*inner);
        return {};
    }
    Endpoint local() const override { return inner_->local(); }
    void pause() override { inner_->pause(); }
    void resume() override { inner_->resume(); }

  private:
    void on_accept(std::unique_ptr<io::Stream> stream) override {
        wrapper_.tell([&] { handler_.on_accept(wrapper_.wrap(std::move(stream))); });
    }
    void on_accept_error(const Error& error) override { handler_.on_accept_error(error); }

    io::ListenerHandler& handler_;
    StreamWrapper wrapper_;
    std::unique_ptr<io::Listener> inner_;
};

}  // namespace

std::unique_ptr<io::Pending> WrappedNetwork::connect(const Endpoint& remote, io::ConnectCallback on_done) {
    return inner_.connect(remote, [wrapper = wrapper_, done = std::move(on_done)](
                                      Result<std::unique_ptr<io::Stream>> stream) mutable {
        wrapper.tell([&] {
            if (!stream) return done(std::move(stream));
            done(wrapper.wrap(std::move(*stream)));
        });
    });
}

Result<std::unique_ptr<io::Listener>> WrappedNetwork::listen(const Endpoint& local,
                                                             io::ListenerHandler& handler) {
    auto listener = std::make_unique<WrappedListener>(handler, wrapper_);
    if (auto opened = listener->open(inner_, local); !opened) return fail(std::move(opened.error()));
    return listener;
}

}  // namespace spate::sim
