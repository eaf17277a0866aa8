// OpenTasks: what a torrent was asked to do and did not answer yet. Each is answered once: by who does it,
// or, when the torrent stops before, with the reason. Limit: tasks_max. Owner: SessionTorrent. Thread: the
// reactor's.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "base/result.h"

namespace spate::engine {

class OpenTasks {
  public:
    static constexpr std::size_t tasks_max = 200;
    using Done = std::move_only_function<void(Result<void>)>;

    bool empty() {
        std::erase_if(open_, [](const auto& task) { return *task == nullptr; });
        return open_.empty();
    }
    bool full() { return !empty() && open_.size() >= tasks_max; }
    // What to call instead of it. Not when full.
    Done add(Done done) {
        open_.push_back(std::make_shared<Done>(std::move(done)));
        return [task = open_.back()](Result<void> result) { answer(*task, std::move(result)); };
    }
    void dismiss(const Error& why) {
        for (const auto& task : std::exchange(open_, {})) answer(*task, fail(why));
    }

  private:
    static void answer(Done& task, Result<void> result) {
        if (Done done = std::exchange(task, nullptr)) done(std::move(result));
    }

    std::vector<std::shared_ptr<Done>> open_;
};

}  // namespace spate::engine
