#include "io/linux/loop_thread.h"

#include "io/linux/blocked_signals.h"

namespace spate::io_linux {

LoopThread::LoopThread(const Loop& pool_of) : loop_(Loop::with_pool_of(pool_of)) {
    const BlockedSignals inherited;
    thread_ = std::thread([this] { loop_->run(); });
}

void LoopThread::stop() {
    if (!thread_.joinable()) return;
    loop_->stop();
    thread_.join();
}

}  // namespace spate::io_linux
