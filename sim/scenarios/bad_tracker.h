// BadTracker: a program where a tracker should be, over HTTP and UDP, that says nothing, or something else
// than a tracker says: each time another thing, drawn from its seed.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/rng.h"
#include "io/world.h"
#include "sim/simulation.h"

namespace spate::sim {

class BadTracker final : private io::ListenerHandler, private io::DatagramHandler {
  public:
    static constexpr std::uint16_t port = 3456;
    enum class Manner : std::uint8_t { silent, lying };

    BadTracker(io::World& world, Simulation& simulation, Manner manner, std::uint64_t seed);
    ~BadTracker() override;

  private:
    class Visit;
    void on_accept(std::unique_ptr<io::Stream> stream) override;
    void on_accept_error(const Error&) override {}
    void on_datagrams_readable() override;
    void on_datagrams_writable() override {}
    std::string draw_reply();
    std::vector<std::uint8_t> draw_datagram(Bytes question);

    io::World& world_;
    Simulation& simulation_;
    Manner manner_;
    Rng rng_;
    std::unique_ptr<io::Listener> listener_;
    std::unique_ptr<io::DatagramSocket> socket_;
    std::map<std::uint64_t, std::unique_ptr<Visit>> visits_;  // the last few
    std::uint64_t next_ = 1;
};

}  // namespace spate::sim
