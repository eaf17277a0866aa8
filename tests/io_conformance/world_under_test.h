// The io conformance suite: one set of cases for every implementation of src/io/. Each sentence of the
// headers' contracts has a case here, so a core that was tested in one world meets the same in the other.
//
// To put a world under test:
// - derive from WorldUnderTest (a fresh object a case) and write a function that makes one;
// - in one .cpp file include "tests/io_conformance/conformance.h" and write
//   SPATE_IO_CONFORMANCE(Name, make_it), and the two other macros of that header where the world can;
// - in tests/io_conformance/CMakeLists.txt:
//   spate_unit_test(io_conformance_NAME SOURCES NAME_world.cpp LIBS io_conformance MODULE).
#pragma once

#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <string>

#include "io/world.h"

namespace spate::io {

class WorldUnderTest {
  public:
    virtual ~WorldUnderTest() = default;

    virtual World world() = 0;
    // The machine that listens in the network cases; may be the same one. Its turns are run by run_until()
    // too.
    virtual World far_world() { return world(); }
    // Where world() reaches what far_world() listens on; also an address of far_world() itself.
    virtual Address far_address() { return Address::loopback(); }

    // Turns the reactors until `done` holds or `limit` of the reactor's time has passed. What `done` says at
    // the end. `done` is asked before the first turn and after every turn.
    virtual bool run_until(const std::function<bool()>& done, Duration limit) = 0;

    // A path for Files::open_folder(): an empty folder, fresh for this object, whose parent also belongs to
    // the case.
    virtual std::string scratch_folder() = 0;

    // Things done to the disk behind the seam's back; system paths. Needed by SPATE_IO_CONFORMANCE_OUTSIDE
    // only.
    virtual void make_link(const std::string& path, const std::string& target);
    virtual void make_pipe(const std::string& path);
    virtual void move_folder(const std::string& from, const std::string& to);
};

using WorldFactory = std::unique_ptr<WorldUnderTest> (*)();

// Common to all cases: a fresh world and the usual waits.
class Conformance : public ::testing::TestWithParam<WorldFactory> {
  protected:
    Conformance() : under_test_(GetParam()()) {}

    World world() { return under_test_->world(); }
    World far_world() { return under_test_->far_world(); }
    Address far_address() { return under_test_->far_address(); }
    Reactor& reactor() { return under_test_->world().reactor; }
    // Long enough for whatever must happen; a case that waits this long has failed.
    bool run_until(const std::function<bool()>& done) {
        return under_test_->run_until(done, std::chrono::seconds(20));
    }
    // Lets what would wrongly happen happen.
    void run_a_while() {
        under_test_->run_until([] { return false; }, std::chrono::milliseconds(60));
    }

    std::unique_ptr<WorldUnderTest> under_test_;
};

class TimerConformance : public Conformance {};
class ReactorConformance : public Conformance {};
class PoolConformance : public Conformance {};
class RandomConformance : public Conformance {};
class ResolverConformance : public Conformance {};
class ThreadConformance : public Conformance {};

}  // namespace spate::io
