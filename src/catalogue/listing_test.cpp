#include "catalogue/listing.h"

#include <gtest/gtest.h>

#include "base/rng.h"
#include "catalogue/draft_fixture.h"

namespace spate::catalogue {
namespace {

using catalogue_protocol::ListOrder;
using catalogue_protocol::ListQuery;

struct FixedCounts final : SwarmCounts {
    SwarmCount one;
    SwarmCount count(const hash::Sha1&) override { return one; }
};

struct ListingTest : ::testing::Test {
    Tracker tracker;
    FixedCounts counts;

    catalogue_protocol::ListPage page(const ListQuery& query) {
        return list_page(tracker.catalogue, query, counts, tracker.now, tracker.limits);
    }
    std::vector<std::string> names(ListQuery query) {
        std::vector<std::string> all;
        for (int pages = 0; pages < 1000; ++pages) {
            const auto one = page(query);
            for (const auto& entry : one.entries) all.push_back(entry.name);
            if (one.next.empty()) return all;
            query.after = one.next;
        }
        ADD_FAILURE() << "no end";
        return all;
    }
};

TEST_F(ListingTest, EveryEntryOnceInEveryOrderWhateverThePage) {
    Rng rng(1);
    for (int i = 0; i < 60; ++i) {
        auto publication = publication_of("n" + std::to_string(rng.below(1000)) + "%:\xff", 'a');
        publication.size = rng.below(5);  // many of one size
        tracker.publish(publication);
        tracker.now.unix_seconds += static_cast<std::int64_t>(rng.below(2));
    }
    const auto count = tracker.catalogue.entries().size();
    for (const auto order : {ListOrder::name, ListOrder::size, ListOrder::age}) {
        const auto whole = names({"", order, 1000, ""});
        EXPECT_EQ(whole.size(), count);
        for (const std::size_t limit : {1U, 7U}) EXPECT_EQ(names({"", order, limit, ""}), whole);
    }
}

TEST_F(ListingTest, SearchesEveryWordInNameAndDescription) {
    auto one = publication_of("Debian_12", 'a');
    one.description = "the Universal system";
    tracker.publish(one);
    tracker.publish(publication_of("fedora", 'b'));
    EXPECT_EQ(names({"debian SYSTEM", {}, 10, ""}), (std::vector<std::string>{"Debian_12"}));
    EXPECT_TRUE(names({"debian fedora", {}, 10, ""}).empty());
    EXPECT_EQ(names({"  ", {}, 10, ""}).size(), 2U);
}

TEST_F(ListingTest, ASearchThatFindsNothingGoesOnPageByPage) {
    tracker.limits.entries_per_source = 100'000;
    for (std::size_t batch = 0; batch < 5; ++batch) {
        tracker.change([&](Draft& draft) {
            for (std::size_t i = 0; i < 5'000; ++i)
                draft.create(create_of("n" + std::to_string(batch * 5'000 + i)), alice,
                             Verification::unchecked);
            return Outcome{};
        });
    }
    const auto first = page({"absent", {}, 10, ""});
    EXPECT_TRUE(first.entries.empty());
    EXPECT_FALSE(first.next.empty());
    EXPECT_TRUE(names({"absent", {}, 10, ""}).empty());
}

TEST_F(ListingTest, APlaceThatIsNoneIsTheEnd) {
    tracker.publish(publication_of("f", 'a'));
    EXPECT_TRUE(page({"", ListOrder::name, 10, "%zz"}).entries.empty());
    EXPECT_TRUE(page({"", ListOrder::size, 10, "f"}).entries.empty());
}

TEST_F(ListingTest, CountsPeersOfBothWorldsOnce) {
    tracker.publish(publication_of("f", 'a'));
    const auto look = [&] {
        return listed(*tracker.catalogue.find("f"), counts, tracker.now, tracker.limits);
    };
    EXPECT_EQ(look().coverage, 0);
    tracker.update("f", 0, 249, 1);
    EXPECT_EQ(look().leechers, 1U);
    EXPECT_DOUBLE_EQ(look().coverage.value(), 0.25);
    counts.one = {0, 3};
    EXPECT_EQ(look().leechers, 3U);
    EXPECT_DOUBLE_EQ(look().coverage.value(), 0.25);
    tracker.update("f", 0, 1000, 2);
    EXPECT_EQ(look().seeds, 1U);
    EXPECT_EQ(look().coverage, 1);
    tracker.now.unix_seconds += 2'000;
    counts.one = {0, 2};  // who say nothing of what they have
    EXPECT_EQ(look().coverage, std::nullopt);
    counts.one = {};
    EXPECT_EQ(look().coverage, 0);
    EXPECT_EQ(look().seeds, 0U);
    EXPECT_EQ(look().age_seconds, 2'000U);
}

}  // namespace
}  // namespace spate::catalogue
