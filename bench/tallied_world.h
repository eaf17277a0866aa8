// TalliedWorld: a world whose seam counts: every call into the program is charged to its Tally, every call
// out of it to nobody. Files pass uncounted; the simulated disk counts its calls itself.
#pragma once

#include <memory>

#include "bench/tallied_files.h"
#include "bench/tally.h"
#include "io/world.h"

namespace spate {

class TalliedReactor final : public io::Reactor {
  public:
    TalliedReactor(io::Reactor& inner, Tally& tally) : inner_(inner), tally_(tally) {}
    TimePoint now() const override { return inner_.now(); }
    WallTime wall_now() const override { return inner_.wall_now(); }
    std::unique_ptr<io::Timer> make_timer(io::Callback on_due) override;
    void post(io::Callback work) override;

  private:
    io::Reactor& inner_;
    Tally& tally_;
};

class TalliedPool final : public io::WorkPool {
  public:
    TalliedPool(io::WorkPool& inner, Tally& tally) : inner_(inner), tally_(tally) {}
    void submit(io::Callback job, io::Callback on_done) override;

  private:
    io::WorkPool& inner_;
    Tally& tally_;
};

class TalliedNetwork final : public io::Network {
  public:
    TalliedNetwork(io::Network& inner, Tally& tally) : inner_(inner), tally_(tally) {}
    std::unique_ptr<io::Pending> connect(const Endpoint& remote, io::ConnectCallback on_done) override;
    Result<std::unique_ptr<io::Listener>> listen(const Endpoint& local,
                                                 io::ListenerHandler& handler) override;
    Result<std::unique_ptr<io::DatagramSocket>> open_datagram(const Endpoint& local) override {
        return inner_.open_datagram(local);
    }

  private:
    io::Network& inner_;
    Tally& tally_;
};

class TalliedWorld {
  public:
    TalliedWorld(io::World& inner, Tally& tally)
        : reactor_(inner.reactor, tally),
          pool_(inner.pool, tally),
          network_(inner.network, tally),
          files_(inner.files, tally),
          world_{reactor_, network_, inner.resolver, files_, pool_, inner.random} {}
    io::World& world() { return world_; }

  private:
    TalliedReactor reactor_;
    TalliedPool pool_;
    TalliedNetwork network_;
    TalliedFiles files_;
    io::World world_;
};

}  // namespace spate
