// TalliedWorld: a world whose seam counts: every call into the program is charged to its Tally, every call
// out of it to nobody.
#pragma once

#include <memory>

#include "bench/tallied_files.h"
#include "bench/tally.h"
#include "io/world.h"
#include "sim/wrapped_network.h"

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

sim::StreamWrapper tallied(Tally& tally);

class TalliedWorld {
  public:
    TalliedWorld(io::World& inner, Tally& tally)
        : reactor_(inner.reactor, tally),
          pool_(inner.pool, tally),
          network_(inner.network, tallied(tally)),
          files_(inner.files, tally),
          world_{reactor_, network_, inner.resolver, files_, pool_, inner.random} {}
    io::World& world() { return world_; }

  private:
    TalliedReactor reactor_;
    TalliedPool pool_;
    sim::WrappedNetwork network_;
    TalliedFiles files_;
    io::World world_;
};

}  // namespace spate
