// BlockedSignals: the calling thread, and every thread it makes meanwhile, takes no signal sent to the
// process: those are for the loop's thread. What a thread's own instruction raises (a bug) stays deliverable:
// blocked, it would end the process past every handler.
#pragma once

#include <signal.h>

namespace spate::io_linux {

class BlockedSignals {
  public:
    BlockedSignals() {
        sigset_t blocked;
        sigfillset(&blocked);
        for (const int own : {SIGBUS, SIGSEGV, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT})
            sigdelset(&blocked, own);
        pthread_sigmask(SIG_SETMASK, &blocked, &before_);
    }
    BlockedSignals(const BlockedSignals&) = delete;
    BlockedSignals& operator=(const BlockedSignals&) = delete;
    ~BlockedSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  private:
    sigset_t before_{};
};

}  // namespace spate::io_linux
