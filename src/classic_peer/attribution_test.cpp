#include "classic_peer/attribution.h"

#include <gtest/gtest.h>
#include <vector>

#include "base/rng.h"

namespace spate::classic_peer {
namespace {

TEST(Attribution, JoinsRunsOfOneSource) {
    Attribution supplied;
    supplied.record({0, 10}, 1);
    supplied.record({20, 30}, 1);
    supplied.record({10, 20}, 1);
    EXPECT_EQ(supplied.runs(), (std::vector<Attribution::Run>{{{0, 30}, 1}}));
    EXPECT_EQ(supplied.sole_supplier_of({0, 30}), 1);
    EXPECT_EQ(supplied.sole_supplier_of({0, 31}), unknown_source);
}

TEST(Attribution, TheLastSupplierOfAByteCounts) {
    Attribution supplied;
    supplied.record({0, 30}, 1);
    supplied.record({10, 20}, 2);
    EXPECT_EQ(supplied.runs(), (std::vector<Attribution::Run>{{{0, 10}, 1}, {{10, 20}, 2}, {{20, 30}, 1}}));
    EXPECT_EQ(supplied.supplier_of(15), 2);
    EXPECT_EQ(supplied.sole_supplier_of({5, 15}), unknown_source);
}

TEST(Attribution, BeyondItsCapBytesCountAsUnknown) {
    Attribution supplied(2);
    supplied.record({0, 1}, 1);
    supplied.record({2, 3}, 1);
    supplied.record({4, 5}, 1);
    EXPECT_EQ(supplied.count(), 2U);
    EXPECT_EQ(supplied.supplier_of(4), unknown_source);
    supplied.record({1, 2}, 1);  // joins both
    EXPECT_EQ(supplied.runs(), (std::vector<Attribution::Run>{{{0, 3}, 1}}));
}

TEST(Attribution, AgreesWithAnArrayOfSuppliers) {
    Rng rng(7);
    Attribution supplied;
    std::vector<SourceId> model(200, unknown_source);
    for (int i = 0; i < 2000; ++i) {
        const std::uint64_t start = rng.below(200);
        const std::uint64_t end = start + rng.below(201 - start);
        const auto source = static_cast<SourceId>(rng.below(3));
        supplied.record({start, end}, source);
        for (std::uint64_t at = start; at < end; ++at) model[at] = source;
        for (std::uint64_t at = 0; at < 200; ++at) ASSERT_EQ(supplied.supplier_of(at), model[at]) << at;
    }
}

}  // namespace
}  // namespace spate::classic_peer
