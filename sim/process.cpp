#include "sim/process.h"

#include "base/assert.h"
#include "sim/files.h"
#include "sim/host.h"
#include "sim/network.h"
#include "sim/random.h"
#include "sim/reactor.h"

namespace spate::sim {

namespace {

class ProcessLog final : public Log {
  public:
    explicit ProcessLog(std::shared_ptr<Life> life) : life_(std::move(life)) {}
    void write(LogLevel, std::string_view text) override {
        if (life_->alive()) life_->simulation().record(life_->name(), "log: " + std::string(text), {});
    }

  private:
    std::shared_ptr<Life> life_;
};

}  // namespace

// One life's world and object. The object goes first.
struct Process::Run {
    Run(Host& host, const std::shared_ptr<Life>& its_life)
        : life(its_life),
          reactor(life, [&host] { return host.wall_now(); }),
          network(host.network(), host.id(), life),
          resolver(host.network(), host.id(), life),
          files(host.disk(), life),
          pool(life, host.settings().pool),
          random(host.simulation().rng().next()),
          log(life) {}

    std::shared_ptr<Life> life;
    SimReactor reactor;
    SimNetwork network;
    SimResolver resolver;
    SimFiles files;
    SimWorkPool pool;
    SimRandom random;
    ProcessLog log;
    io::World world{reactor, network, resolver, files, pool, random};
    std::shared_ptr<void> object;
};

Process::Process(Host& host, std::string name, Program program)
    : host_(host), name_(std::move(name)), program_(std::move(program)) {}

Process::~Process() {
    if (run_) run_->object.reset();
}

void Process::start() {
    SPATE_ASSERT(!run_);
    wanted_ = true;
    ++starts_;
    host_.simulation().record(name_, "start", {starts_});
    const auto run = std::make_shared<Run>(host_, std::make_shared<Life>(host_.simulation(), name_));
    run_ = run;
    run->object = program_({run->world, run->log});  // may be killed in there
}

void Process::stop() {
    wanted_ = false;
    if (!run_) return;
    host_.simulation().record(name_, "stop", {});
    run_->object.reset();
    end(true);
}

void Process::kill() {
    if (!run_) return;
    host_.simulation().record(name_, "kill", {});
    host_.simulation().mark("process killed");
    end(true);
}

void Process::end_in_power_cut() {
    if (run_) end(false);
}

void Process::end(bool closed_by_kernel) {
    const auto run = std::exchange(run_, nullptr);
    run->life->end();
    if (closed_by_kernel) host_.network().close_all(*run->life);
    host_.disk().release_locks(*run->life);
    // Its code may be what called us: it is taken apart when that is over.
    host_.simulation().at(host_.simulation().now(), [run] { run->object.reset(); });
}

void Process::pause(Duration length) {
    if (!run_) return;
    host_.simulation().record(name_, "pause", {static_cast<std::uint64_t>(length.count())});
    host_.simulation().mark("process paused");
    run_->life->stop_until(host_.simulation().now() + length);
}

void Process::go_on() {
    if (run_) run_->life->go_on();
}

io::World& Process::world() {
    SPATE_ASSERT(run_);
    return run_->world;
}

}  // namespace spate::sim
