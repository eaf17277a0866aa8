#include "engine/turn.h"

#include <algorithm>
#include <utility>

namespace spate::engine {

TurnTask::~TurnTask() {
    if (waiting_) std::ranges::replace(turn_.tasks_, this, static_cast<TurnTask*>(nullptr));
}

void TurnTask::at_turn_end() {
    if (std::exchange(waiting_, true)) return;
    turn_.tasks_.push_back(this);
    turn_.post();
}

void Turn::bury(std::unique_ptr<Mortal> mortal) {
    buried_.push_back(std::move(mortal));
    post();
}

void Turn::post() {
    if (std::exchange(posted_, true)) return;
    reactor_.post([this, alive = alive_] {
        if (*alive) run();
    });
}

// What tasks add while they run still belongs to this turn: a torrent's HAVEs, then the writes that carry
// them. But a peer that takes what it is sent at once makes a round of its own each time: others have their
// turn then.
void Turn::run() {
    std::size_t i = 0;
    for (int round = 0; round < rounds_max; ++round)
        for (const std::size_t end = tasks_.size(); i < end; ++i) run(i);
    tasks_.erase(tasks_.begin(), tasks_.begin() + static_cast<std::ptrdiff_t>(i));
    posted_ = false;
    if (!tasks_.empty()) post();
    std::exchange(buried_, {}).clear();
}

void Turn::run(std::size_t number) {
    TurnTask* task = std::exchange(tasks_[number], nullptr);
    if (task == nullptr) return;
    task->waiting_ = false;
    task->on_turn_end();
}

}  // namespace spate::engine
