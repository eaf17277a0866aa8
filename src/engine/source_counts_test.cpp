#include "engine/source_counts.h"

#include <gtest/gtest.h>
#include <optional>

namespace spate::engine {
namespace {

const Address ann = Address::v4(9, 1, 1, 1);
const Address ben = Address::v4(9, 1, 1, 2);

TEST(SourceCounts, EachCountsForAsLongAsItIsHeld) {
    SourceCounts counts;
    std::optional<CountedSource> first(std::in_place, counts, ann);
    const CountedSource second(counts, ann);
    EXPECT_EQ(first->total(), 1U);
    EXPECT_EQ(second.total(), 2U);
    EXPECT_EQ(CountedSource(counts, ben).total(), 1U);
    first.reset();
    EXPECT_EQ(CountedSource(counts, ann).total(), 2U);
}

TEST(SourceCounts, OneThatIsPassedOnCountsOnce) {
    SourceCounts counts;
    {
        CountedSource first(counts, ann);
        const CountedSource passed_on(std::move(first));
        EXPECT_EQ(passed_on.total(), 1U);
        EXPECT_EQ(CountedSource(counts, ann).total(), 2U);
    }
    EXPECT_EQ(CountedSource(counts, ann).total(), 1U);
}

}  // namespace
}  // namespace spate::engine
