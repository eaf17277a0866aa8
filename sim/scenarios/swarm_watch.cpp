#include "sim/scenarios/swarm_watch.h"

#include <algorithm>
#include <utility>

namespace spate::sim {
namespace {

class WatchedStream final : public io::Stream {
  public:
    WatchedStream(std::unique_ptr<io::Stream> inner, std::shared_ptr<MemberTruth> truth)
        : inner_(std::move(inner)), conversation_(std::move(truth)) {}

    void set_handler(io::StreamHandler& handler) override { inner_->set_handler(handler); }
    void wait_readable() override { inner_->wait_readable(); }
    void wait_writable() override {
        conversation_.output_waits();
        inner_->wait_writable();
    }
    Result<io::Transfer> read(MutableBytes into) override {
        auto got = inner_->read(into);
        if (got) conversation_.heard(Bytes(into).first(got->count));
        return got;
    }
    Result<io::Transfer> write(std::span<const Bytes> parts) override {
        auto sent = inner_->write(parts);
        std::size_t left = sent ? sent->count : 0;
        for (const Bytes part : parts) {
            const std::size_t size = std::min(left, part.size());
            if (size > 0) conversation_.said(part.first(size));
            left -= size;
        }
        return sent;
    }
    void shutdown_write() override { inner_->shutdown_write(); }
    void abort() override { inner_->abort(); }
    Endpoint local() const override { return inner_->local(); }
    Endpoint remote() const override { return inner_->remote(); }

  private:
    std::unique_ptr<io::Stream> inner_;
    Conversation conversation_;
};

class WatchedListener final : public io::Listener, private io::ListenerHandler {
  public:
    WatchedListener(io::ListenerHandler& handler, std::shared_ptr<MemberTruth> truth)
        : handler_(handler), truth_(std::move(truth)) {}
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
        handler_.on_accept(std::make_unique<WatchedStream>(std::move(stream), truth_));
    }
    void on_accept_error(const Error& error) override { handler_.on_accept_error(error); }

    io::ListenerHandler& handler_;
    std::shared_ptr<MemberTruth> truth_;
    std::unique_ptr<io::Listener> inner_;
};

}  // namespace

std::unique_ptr<io::Pending> WatchedNetwork::connect(const Endpoint& remote, io::ConnectCallback on_done) {
    return inner_.connect(remote, [truth = truth_, done = std::move(on_done)](
                                      Result<std::unique_ptr<io::Stream>> stream) mutable {
        if (!stream) return done(std::move(stream));
        done(std::make_unique<WatchedStream>(std::move(*stream), std::move(truth)));
    });
}

Result<std::unique_ptr<io::Listener>> WatchedNetwork::listen(const Endpoint& local,
                                                             io::ListenerHandler& handler) {
    auto listener = std::make_unique<WatchedListener>(handler, truth_);
    if (auto opened = listener->open(inner_, local); !opened) return fail(std::move(opened.error()));
    return listener;
}

}  // namespace spate::sim
