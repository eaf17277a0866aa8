// Turn: what is put off to the end of the reactor's turn, so that many events make one write, one HAVE batch
// and one round of requests; and where objects wait that may be on the call stack until nobody is in them.
// Owner: Session, which outlives all tasks. Thread: the reactor's.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "io/reactor.h"

namespace spate::engine {

// Something that may be buried.
class Mortal {
  public:
    virtual ~Mortal() = default;
};

class Turn;

class TurnTask {
  public:
    virtual ~TurnTask();
    TurnTask(const TurnTask&) = delete;
    TurnTask& operator=(const TurnTask&) = delete;

  protected:
    explicit TurnTask(Turn& turn) : turn_(turn) {}
    // on_turn_end() runs once at the end of this turn, however often this is called.
    void at_turn_end();

  private:
    friend class Turn;
    virtual void on_turn_end() = 0;
    Turn& turn_;
    bool waiting_ = false;
};

class Turn {
  public:
    static constexpr int rounds_max = 4;  // of what tasks add while they run

    explicit Turn(io::Reactor& reactor) : reactor_(reactor) {}
    ~Turn() { *alive_ = false; }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

    // Destroys it at the end of the turn.
    void bury(std::unique_ptr<Mortal> mortal);

  private:
    friend class TurnTask;
    void post();
    void run();
    void run(std::size_t number);

    io::Reactor& reactor_;
    std::vector<TurnTask*> tasks_;  // null: gone since
    std::vector<std::unique_ptr<Mortal>> buried_;
    bool posted_ = false;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace spate::engine
