#include "classic/advertising_plan.h"

#include <gtest/gtest.h>

namespace spate::classic {
namespace {

TEST(AdvertisingPlan, AllSendersCoverTheFileExactly) {
    std::vector<std::uint64_t> sizes{1000, 1023, 1024, 109283519, UINT64_MAX, UINT64_MAX - 1, 1ull << 63};
    for (std::uint64_t size = 0; size <= 100; ++size) sizes.push_back(size);
    for (const std::uint64_t size : sizes) {
        for (const int senders : {1, 2, 3, 5, 7, 10, 40}) {
            std::uint64_t at = 0;
            for (int sender = 1; sender <= senders; ++sender) {
                const AdvertisingPlan plan(size, sender, senders);
                EXPECT_EQ(plan.share().start, at);
                for (int part = 0; part < AdvertisingPlan::parts; ++part) {
                    ASSERT_EQ(plan.part(part).start, at);
                    ASSERT_GE(plan.part(part).end, at);
                    ASSERT_LE(plan.part(part).size(), size / static_cast<unsigned>(4 * senders) + 1);
                    at = plan.part(part).end;
                }
                EXPECT_EQ(plan.share().end, at);
            }
            EXPECT_EQ(at, size);
        }
    }
}

TEST(AdvertisingPlan, TheOriginalsWords) {
    EXPECT_EQ(AdvertisingPlan(1000, 2).advertising_sentence(0),
              "I am client_2, and I am advertising the following chunk of the file: 21% to 25%");
    EXPECT_EQ(AdvertisingPlan(1000, 1).percent_text(0), "1% to 5%");
    EXPECT_EQ(AdvertisingPlan(1000, 5).percent_text(3), "96% to 100%");
    EXPECT_EQ(AdvertisingPlan(1000, 1).transferring_sentence(0), "Transferring 1 to 5 percent of the file");
    EXPECT_EQ(AdvertisingPlan(1000, 2).part(1), (ByteRange{250, 300}));
    EXPECT_EQ(AdvertisingPlan(1000, 2).share(), (ByteRange{200, 400}));
}

TEST(AdvertisingPlan, SendersBeyondTheLastCountOnFromTheFirst) {
    EXPECT_EQ(AdvertisingPlan(1000, 7).share(), AdvertisingPlan(1000, 2).share());
    EXPECT_EQ(AdvertisingPlan(1000, 7).advertising_sentence(0),
              "I am client_7, and I am advertising the following chunk of the file: 21% to 25%");
}

TEST(AdvertisingPlan, PartsOfLessThanAPercentStillReadForward) {
    EXPECT_EQ(AdvertisingPlan(1'000'000, 1, 100).percent_text(0), "1% to 1%");
    EXPECT_EQ(AdvertisingPlan(1'000'000, 100, 100).percent_text(3), "100% to 100%");
    EXPECT_EQ(AdvertisingPlan(1'000'000, 2, 3).percent_text(0), "34% to 42%");
}

}  // namespace
}  // namespace spate::classic
