#include "io/linux/descriptor.h"

#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <utility>

#include "base/assert.h"
#include "io/linux/event_context.h"

namespace spate::io_linux {
namespace asio = boost::asio;

struct Descriptor::State {
    // The concrete executor, not any_io_executor: it makes an idle connection smaller.
    using Watched = asio::posix::basic_stream_descriptor<asio::io_context::executor_type>;

    explicit State(EventContext& context) : watched(context.context.get_executor()) {}

    Watched watched;
    ReadyHandler* handler = nullptr;
    bool waits_readable = false;
    bool waits_writable = false;
};

Descriptor::Descriptor(std::shared_ptr<State> state) : state_(std::move(state)) {}
Descriptor::Descriptor(Descriptor&& other) noexcept = default;
Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
    if (this != &other) {
        close();
        state_ = std::move(other.state_);
    }
    return *this;
}
Descriptor::~Descriptor() {
    close();
}

Result<Descriptor> Descriptor::watch(EventContext& context, UniqueFd fd) {
    auto state = std::make_shared<State>(context);
    boost::system::error_code error;
    static_cast<void>(state->watched.assign(fd.get(), error));
    if (error) return fail(Error::system(error.value(), "watch", "descriptor"));
    static_cast<void>(fd.release());
    return Descriptor(std::move(state));
}

void Descriptor::set_handler(ReadyHandler& handler) {
    state_->handler = &handler;
}

int Descriptor::fd() const {
    return state_ && state_->watched.is_open() ? state_->watched.native_handle() : -1;
}

void Descriptor::close() {
    if (!state_) return;
    state_->handler = nullptr;
    boost::system::error_code ignored;  // a close that fails has closed
    static_cast<void>(state_->watched.close(ignored));
}

void Descriptor::wait_readable() {
    SPATE_ASSERT(state_->handler);
    if (std::exchange(state_->waits_readable, true)) return;
    state_->watched.async_wait(State::Watched::wait_read, [state = state_](boost::system::error_code) {
        state->waits_readable = false;
        if (state->handler) state->handler->on_read_ready();
    });
}

void Descriptor::wait_writable() {
    SPATE_ASSERT(state_->handler);
    if (std::exchange(state_->waits_writable, true)) return;
    state_->watched.async_wait(State::Watched::wait_write, [state = state_](boost::system::error_code) {
        state->waits_writable = false;
        if (state->handler) state->handler->on_write_ready();
    });
}

}  // namespace spate::io_linux
