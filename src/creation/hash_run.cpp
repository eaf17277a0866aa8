#include "creation/hash_run.h"

#include <utility>

namespace spate::creation {

struct HashRun::State {
    State(io::WorkPool& p, std::shared_ptr<const Content> c, const HashPlan& pl, Handler h)
        : pool(p),
          content(std::move(c)),
          plan(pl),
          handler(std::move(h)),
          batches(plan.batch_count(content->layout.piece_count())) {}

    io::WorkPool& pool;
    const std::shared_ptr<const Content> content;
    const HashPlan plan;
    Handler handler;
    Signals signals;
    const std::uint32_t batches;
    std::uint32_t next_batch = 0;
    unsigned busy = 0;
};

// One batch at a time goes through it; its buffers are used again.
struct HashRun::Worker {
    explicit Worker(State& state) : hasher(*state.content, state.plan, state.signals) {}
    BatchHasher hasher;
    metainfo::PieceRange pieces;
    BatchResult result;
};

HashRun::HashRun(io::WorkPool& pool, std::shared_ptr<const Content> content, const HashPlan& plan,
                 Handler handler)
    : state_(std::make_shared<State>(pool, std::move(content), plan, std::move(handler))) {}

HashRun::~HashRun() {
    state_->signals.stop = true;
}

std::uint64_t HashRun::bytes_done() const {
    return state_->signals.bytes_done;
}

void HashRun::start() {
    if (state_->batches == 0) {
        state_->pool.submit([] {},
                            [state = state_] {
                                if (!state->signals.stop) std::exchange(state->handler.on_done, {})();
                            });
        return;
    }
    for (unsigned job = 0; job < state_->plan.jobs && state_->next_batch < state_->batches; ++job)
        next(state_, std::make_shared<Worker>(*state_));
}

void HashRun::next(const std::shared_ptr<State>& state, std::shared_ptr<Worker> worker) {
    worker->pieces = state->plan.batch(state->next_batch++, state->content->layout.piece_count());
    ++state->busy;
    // Jobs own the state: they may still run when their HashRun is gone.
    state->pool.submit([state, worker] { worker->result = worker->hasher.hash(worker->pieces); },
                       [state, worker] { finished(state, worker); });
}

void HashRun::finished(const std::shared_ptr<State>& state, const std::shared_ptr<Worker>& worker) {
    --state->busy;
    if (state->signals.stop) return;
    if (!state->handler.on_batch(worker->pieces, std::move(worker->result))) {
        state->signals.stop = true;
        return;
    }
    if (state->signals.stop) return;
    if (state->next_batch < state->batches) return next(state, worker);
    if (state->busy == 0) std::exchange(state->handler.on_done, {})();
}

}  // namespace spate::creation
