// The whole suite and the macros that apply it to one world; how to use them: world_under_test.h.
#pragma once

#include "tests/io_conformance/disk_cases.h"
#include "tests/io_conformance/network_cases.h"

// Every world.
#define SPATE_IO_CONFORMANCE(name, factory)                                          \
    namespace spate::io {                                                            \
    INSTANTIATE_TEST_SUITE_P(name, TimerConformance, ::testing::Values(factory));    \
    INSTANTIATE_TEST_SUITE_P(name, ReactorConformance, ::testing::Values(factory));  \
    INSTANTIATE_TEST_SUITE_P(name, PoolConformance, ::testing::Values(factory));     \
    INSTANTIATE_TEST_SUITE_P(name, RandomConformance, ::testing::Values(factory));   \
    INSTANTIATE_TEST_SUITE_P(name, ResolverConformance, ::testing::Values(factory)); \
    INSTANTIATE_TEST_SUITE_P(name, ConnectConformance, ::testing::Values(factory));  \
    INSTANTIATE_TEST_SUITE_P(name, StreamConformance, ::testing::Values(factory));   \
    INSTANTIATE_TEST_SUITE_P(name, DatagramConformance, ::testing::Values(factory)); \
    INSTANTIATE_TEST_SUITE_P(name, FilesConformance, ::testing::Values(factory));    \
    }
// Worlds with more than one thread.
#define SPATE_IO_CONFORMANCE_THREADS(name, factory)                                \
    namespace spate::io {                                                          \
    INSTANTIATE_TEST_SUITE_P(name, ThreadConformance, ::testing::Values(factory)); \
    }
// Worlds whose disk can be reached behind the seam's back: links, pipes, a folder that is moved away.
#define SPATE_IO_CONFORMANCE_OUTSIDE(name, factory)                                 \
    namespace spate::io {                                                           \
    INSTANTIATE_TEST_SUITE_P(name, OutsideConformance, ::testing::Values(factory)); \
    }
