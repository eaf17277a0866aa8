// The suite over the simulated world: two hosts a case, one program on each.
#include "sim/testbed.h"
#include "tests/io_conformance/conformance.h"

namespace spate::io {
namespace {

class SimulatedWorld : public WorldUnderTest {
  public:
    SimulatedWorld() : near_(add_host("near")), far_(add_host("far")) {
        sim::Disk& disk = host().disk();
        disk.put("/work/scratch/x", {});
        EXPECT_TRUE(near_.world().files.open_folder("/work/scratch", IfMissing::fail).value()->remove("x"));
    }
    World world() override { return near_.world(); }
    World far_world() override { return far_.world(); }
    Address far_address() override { return testbed_.hosts().at(1)->address(); }
    bool run_until(const std::function<bool()>& done, Duration limit) override {
        return testbed_.simulation().run_until(done, limit);
    }
    std::string scratch_folder() override { return "/work/scratch"; }
    void make_link(const std::string& path, const std::string& target) override {
        host().disk().put_link(path, target);
    }
    void make_pipe(const std::string& path) override { host().disk().put_pipe(path); }
    void move_folder(const std::string& from, const std::string& to) override {
        host().disk().move(from, to);
    }

  private:
    // Nothing fails here: the suite is about what holds when nothing does.
    sim::Process& add_host(const std::string& name) {
        sim::HostSettings settings;
        settings.node.short_io = 0;
        settings.node.datagram_full = 0;
        const auto program = [](const sim::ProgramStart&) { return std::make_shared<int>(0); };
        return testbed_.add_host(name, settings).run("test", program);
    }
    sim::Host& host() { return *testbed_.hosts().at(0); }

    sim::Testbed testbed_{1};
    sim::Process& near_;
    sim::Process& far_;
};

std::unique_ptr<WorldUnderTest> simulated_world() {
    return std::make_unique<SimulatedWorld>();
}

}  // namespace
}  // namespace spate::io

SPATE_IO_CONFORMANCE(Simulated, &simulated_world)
SPATE_IO_CONFORMANCE_OUTSIDE(Simulated, &simulated_world)
