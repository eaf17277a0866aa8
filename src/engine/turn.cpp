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
// them.
void Turn::run() {
    for (std::size_t i = 0; i < tasks_.size(); ++i) {
        TurnTask* task = tasks_[i];
        if (task == nullptr) continue;
        task->waiting_ = false;
        tasks_[i] = nullptr;
        task->on_turn_end();
    }
    tasks_.clear();
    posted_ = false;
    std::exchange(buried_, {}).clear();
}

}  // namespace spate::engine
