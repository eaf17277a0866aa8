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
    void limit_unsent(std::size_t bytes) override { inner_->limit_unsent(bytes); }
    std::size_t unconfirmed() const override { return inner_->unconfirmed(); }
    void shutdown_write() override { inner_->shutdown_write(); }
    void abort() override { inner_->abort(); }
    Endpoint local() const override { return inner_->local(); }
    Endpoint remote() const override { return inner_->remote(); }

  private:
    std::unique_ptr<io::Stream> inner_;
    Conversation conversation_;
};

}  // namespace

StreamWrapper watched(std::shared_ptr<MemberTruth> truth) {
    return {[truth = std::move(truth)](std::unique_ptr<io::Stream> stream) -> std::unique_ptr<io::Stream> {
        return std::make_unique<WatchedStream>(std::move(stream), truth);
    }};
}

}  // namespace spate::sim
