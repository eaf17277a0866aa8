#include "io/linux/loop.h"

#include <boost/asio/signal_set.hpp>
#include <utility>

#include "io/linux/event_context.h"
#include "io/linux/files.h"
#include "io/linux/network.h"
#include "io/linux/random.h"
#include "io/linux/reactor.h"
#include "io/linux/resolver.h"
#include "io/linux/thread_pool.h"

namespace spate::io_linux {
namespace asio = boost::asio;
namespace {

class SignalWatch {
  public:
    SignalWatch(EventContext& events, std::function<void(int)> on_arrival)
        : set_(events.context.get_executor()), on_arrival_(std::move(on_arrival)) {}

    Result<void> add(int signal) {
        boost::system::error_code error;
        static_cast<void>(set_.add(signal, error));
        if (error) return fail(Error::system(error.value(), "watch signal", std::to_string(signal)));
        return {};
    }
    void wait() {
        set_.async_wait([this](boost::system::error_code error, int signal) {
            if (error) return;  // the Loop is being destroyed
            wait();
            on_arrival_(signal);
        });
    }

  private:
    asio::basic_signal_set<asio::io_context::executor_type> set_;
    std::function<void(int)> on_arrival_;
};

}  // namespace

struct Loop::Parts {
    explicit Parts(std::size_t pool_threads)
        : reactor(events),
          network(events, reactor),
          resolver(reactor),
          pool(reactor, pool_threads, AtEnd::join) {}
    explicit Parts(const ThreadPool& pool_of)
        : reactor(events), network(events, reactor), resolver(reactor), pool(reactor, pool_of) {}

    EventContext events;
    LinuxReactor reactor;
    LinuxNetwork network;
    LinuxResolver resolver;
    LinuxFiles files;
    ThreadPool pool;
    KernelRandom random;
    std::vector<std::unique_ptr<SignalWatch>> signals;
};

Loop::Loop(std::size_t pool_threads) : parts_(std::make_unique<Parts>(pool_threads)) {}
Loop::Loop(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Loop::~Loop() = default;

std::unique_ptr<Loop> Loop::with_pool_of(const Loop& other) {
    auto parts = std::make_unique<Parts>(other.parts_->pool);
    parts->network.set_source(other.parts_->network.source());
    return std::unique_ptr<Loop>(new Loop(std::move(parts)));
}

void Loop::set_source(const Address& source) {
    parts_->network.set_source(source);
}

io::World Loop::world() {
    return {parts_->reactor, parts_->network, parts_->resolver, parts_->files, parts_->pool, parts_->random};
}

void Loop::run() {
    parts_->events.context.run();
    parts_->events.context.restart();
}

bool Loop::run_one(Duration limit) {
    return parts_->events.context.run_one_for(limit) > 0;
}

void Loop::stop() {
    parts_->events.context.stop();
}

Result<void> Loop::on_signal(const std::vector<int>& signals, std::function<void(int)> on_arrival) {
    auto watch = std::make_unique<SignalWatch>(parts_->events, std::move(on_arrival));
    for (const int signal : signals) {
        if (auto added = watch->add(signal); !added) return added;
    }
    watch->wait();
    parts_->signals.push_back(std::move(watch));
    return {};
}

EventContext& Loop::events() {
    return parts_->events;
}

}  // namespace spate::io_linux
