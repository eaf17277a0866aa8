// run_job: a pool job that gives a value, and its completion, which is dropped when `owner` is gone by then.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "io/work_pool.h"

namespace spate::piece_store {

// job: on a pool thread, must own what it touches. done: with owner and value, on the reactor's thread.
template <class Owner, class Job, class Done>
void run_job(io::WorkPool& pool, std::weak_ptr<Owner> owner, Job job, Done done) {
    using Value = decltype(job());
    const auto value = std::make_shared<std::optional<Value>>();
    pool.submit([job = std::move(job), value]() mutable { value->emplace(job()); },
                [owner = std::move(owner), done = std::move(done), value]() mutable {
                    if (const auto alive = owner.lock()) done(*alive, std::move(**value));
                });
}

}  // namespace spate::piece_store
