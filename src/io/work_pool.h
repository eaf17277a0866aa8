// WorkPool: threads for what may block or takes long (disk, hashing). Jobs run in any order, on any thread,
// side by side; a job that waited for another would hang. The completion runs on the submitting reactor's
// thread.
#pragma once

#include <functional>

#include "io/reactor.h"

namespace spate::io {

class WorkPool {
  public:
    virtual ~WorkPool() = default;
    // `job` on a pool thread, then `on_done` on the reactor. Neither runs after the pool is destroyed; a
    // destroyed pool has finished the jobs it had begun. Owners that may die first keep their state in a
    // shared_ptr or a guard.
    virtual void submit(Callback job, Callback on_done) = 0;
};

}  // namespace spate::io
