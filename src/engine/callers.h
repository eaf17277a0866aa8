// Callers: who waits for a torrent to wake up: connections that came, peers that it was told of, work for it.
// Limits: arrivals_max connections, and as many peers that a person named; told_max that trackers told of;
// tasks: OpenTasks' of the owner. Owner: SessionTorrent, while there are any. Thread: the reactor's.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "base/endpoint.h"
#include "base/result.h"
#include "io/stream.h"
#include "wire/handshake.h"

namespace spate::engine {

class Torrent;

class Callers {
  public:
    static constexpr std::size_t arrivals_max = 16;
    static constexpr std::size_t told_max = 200;
    using Task = std::move_only_function<void(Result<Torrent*>)>;  // an error: it does not wake up

    bool full() const { return arrivals_.size() >= arrivals_max; }
    // False, of all of them: there are too many.
    bool arrive(std::unique_ptr<io::Stream> stream, const wire::Handshake& theirs);
    bool add_named(const Endpoint& peer);  // by a person
    bool add_told(const Endpoint& peer, const Address& tracker);

    void ask(Task task) { tasks_.push_back(std::move(task)); }

    // It is awake. Once.
    void meet(Torrent& torrent);
    // It does not wake up: who asked for something hears why. Once.
    void dismiss(const Error& why);

  private:
    struct Arrival {
        std::unique_ptr<io::Stream> stream;
        wire::Handshake theirs;
    };
    std::vector<Arrival> arrivals_;
    std::vector<Endpoint> named_;
    std::vector<std::pair<Endpoint, Address>> told_;
    std::vector<Task> tasks_;
};

}  // namespace spate::engine
