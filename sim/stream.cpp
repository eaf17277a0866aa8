#include "sim/stream.h"

#include "base/assert.h"

namespace spate::sim {

SimStream::SimStream(std::shared_ptr<Life> life, std::shared_ptr<Connection> connection, Side side)
    : connection_(std::move(connection)),
      side_(side),
      readable_(
          life, [this] { return connection_->can_read(side_); }, [this] { handler_->on_readable(); }),
      writable_(life, [this] { return connection_->can_write(side_); }, [this] { handler_->on_writable(); }) {
    connection_->give(side_, std::move(life), this);
}

SimStream::~SimStream() {
    connection_->leave(side_);
    connection_->close(side_);
}

Result<io::Transfer> SimStream::read(MutableBytes into) {
    SPATE_ASSERT(!into.empty());
    return connection_->read(side_, into);
}

void SimStream::abort() {
    readable_.disarm();
    writable_.disarm();
    connection_->abort(side_);
}

void SimStream::socket_changed() {
    readable_.check();
    writable_.check();
}

}  // namespace spate::sim
