#include "tests/io_conformance/world_under_test.h"

namespace spate::io {

void WorldUnderTest::make_link(const std::string&, const std::string&) {
    FAIL() << "this world has no links";
}
void WorldUnderTest::make_pipe(const std::string&) {
    FAIL() << "this world has no pipes";
}
void WorldUnderTest::move_folder(const std::string&, const std::string&) {
    FAIL() << "this world's disk cannot be reached from outside";
}

// A world says itself which of these it can do.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ThreadConformance);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(OutsideConformance);

}  // namespace spate::io
