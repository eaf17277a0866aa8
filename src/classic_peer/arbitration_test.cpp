#include "classic_peer/arbitration.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/rng.h"

namespace spate::classic_peer {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// A file as one byte a position, sources that serve their own version of it, and a driver that does what the
// receiver does.
class Court {
  public:
    Court(std::string truth, std::vector<std::string> sources)
        : truth_(std::move(truth)), sources_(std::move(sources)) {}

    // Who supplied each byte, as digits: "001" is two bytes of source 0 and one of source 1; '?' for unknown.
    bool run(const std::string& supplied_by, ArbitrationLimits limits) {
        Attribution supplied;
        held_.clear();
        for (std::size_t i = 0; i < truth_.size(); ++i) {
            const SourceId source =
                supplied_by[i] == '?' ? unknown_source : static_cast<SourceId>(supplied_by[i] - '0');
            held_ += sources_[source == unknown_source ? 0 : source][i];
            supplied.record({i, i + 1}, source);
        }
        Arbitration arbitration(truth_.size(), supplied, {}, limits);
        std::vector<RangeSet> claims(sources_.size());
        for (std::size_t source = 0; source < sources_.size(); ++source)
            for (std::uint64_t at = 0; at < truth_.size(); ++at)
                if (sources_[source][at] != ' ') claims[source].add({at, at + 1});
        std::vector<std::string> slots;
        do {
            collect(arbitration, claims, slots);
            EXPECT_TRUE(arbitration.collected(claims));
            while (auto choice = arbitration.next_choice()) {
                ++choices_;
                std::string file = held_;
                for (const auto& [range, slot] : *choice)
                    file.replace(range.start, range.size(), slots.at(slot));
                if (file != truth_) continue;
                wrong_ = arbitration.resolve();
                return true;
            }
        } while (arbitration.next_round(claims));
        return false;
    }

    std::vector<SourceId> wrong_;
    std::size_t copies_ = 0;
    std::size_t choices_ = 0;

  private:
    void collect(Arbitration& arbitration, const std::vector<RangeSet>& claims,
                 std::vector<std::string>& slots) {
        for (bool any = true; any;) {
            any = false;
            for (SourceId source = 0; source < sources_.size(); ++source) {
                const auto wanted = arbitration.next_copy(source, claims[source]);
                if (!wanted) continue;
                any = true;
                ++copies_;
                const auto [start, end] = wanted->range;
                const std::string copy = sources_[source].substr(start, end - start);
                const std::string held = held_.substr(start, end - start);
                if (const auto slot = arbitration.copy_arrived(
                        wanted->segment, source, hash::md5(as_bytes(copy)), hash::md5(as_bytes(held)))) {
                    slots.resize(std::max<std::size_t>(slots.size(), *slot + 1));
                    slots[*slot] = copy;
                }
            }
        }
    }

    std::string truth_;
    std::vector<std::string> sources_;
    std::string held_;
};

ArbitrationLimits small() {
    ArbitrationLimits limits;
    limits.segment_bytes = 4;
    return limits;
}

TEST(Arbitration, OneLiarAmongTwo) {
    Court court("abcdefghijkl", {"abcdefghijkl", "XXXXXXXXXXXX"});
    EXPECT_TRUE(court.run("000011110000", small()));
    EXPECT_THAT(court.wrong_, ElementsAre(1));
}

TEST(Arbitration, AMajorityIsTriedFirst) {
    Court court("abcdefghijkl", {"abcdXXghijkl", "abcdefghijkl", "abcdefghijkl"});
    EXPECT_TRUE(court.run("000000000000", small()));
    EXPECT_THAT(court.wrong_, ElementsAre(0));
    EXPECT_EQ(court.choices_, 1U);
}

TEST(Arbitration, LiarsInTheMajorityAreFoundThroughTheOneWhoIsTrusted) {
    Court court("abcdefghijkl", {"abcdefghijkl", "XXXXefghijkl", "XXXXefghYYYY", "ZZZZZZZZYYYY"});
    EXPECT_TRUE(court.run("111122223333", small()));
    EXPECT_THAT(court.wrong_, ElementsAre(1, 2, 3));
}

TEST(Arbitration, EveryoneLiesSomewhereAndSegmentsAreTriedSingly) {
    Court court("abcdefgh", {"XXXXefgh", "abcdYYYY"});
    EXPECT_TRUE(court.run("00001111", small()));
    EXPECT_THAT(court.wrong_, ElementsAre(0, 1));
}

TEST(Arbitration, ABorderBetweenSuppliersIsASegmentsBorder) {
    Court court("abcd", {"abXX", "XXcd"});
    EXPECT_TRUE(court.run("1100", small()));
    EXPECT_THAT(court.wrong_, ElementsAre(0, 1));
}

TEST(Arbitration, UnknownSuppliersAfterARestart) {
    Court court("abcdefgh", {"XXXXefgh", "abcdefgh", "abcdefgh"});
    EXPECT_TRUE(court.run("????????", small()));
    EXPECT_THAT(court.wrong_, ElementsAre(0));
}

TEST(Arbitration, WithoutAlternativesItIsStuck) {
    Court court("abcdefgh", {"XXXXefgh", "    efgh"});
    EXPECT_FALSE(court.run("00000000", small()));
}

TEST(Arbitration, TwoWhoAgreeOnAWrongByteNeedAThirdInTheNextRound) {
    Court court("abcdefgh", {"XXXXefgh", "XXXXefgh", "abcdefgh"});
    EXPECT_TRUE(court.run("00000000", small()));
    EXPECT_THAT(court.wrong_, ElementsAre(0, 1));
}

TEST(Arbitration, TheFirstRoundFetchesOneCopyOfWhatIsNotContested) {
    Court court("abcdefgh", {"abcdefgX", "abcdefgh", "abcdefgh", "abcdefgh"});
    EXPECT_TRUE(court.run("00000000", small()));
    EXPECT_EQ(court.copies_, 1U + 3U);
}

TEST(Arbitration, SegmentsGrowWithTheFileAndStayBelowTheCap) {
    ArbitrationLimits limits;
    limits.segments_max = 10;
    std::vector<std::uint64_t> borders;
    for (std::uint64_t i = 1; i < 100; ++i) borders.push_back(i * 1000);
    const Arbitration arbitration(1'000'000, Attribution{}, borders, limits);
    EXPECT_EQ(arbitration.segment_count(), 10U);
    EXPECT_EQ(arbitration.range_of(9).end, 1'000'000U);
}

TEST(Arbitration, TriesNoMoreChoicesThanItsCapInARound) {
    Rng rng(3);
    std::string truth(40, 'a');
    std::string one = truth;
    std::string two = truth;
    for (std::size_t i = 0; i < 40; i += 4) (rng.chance(1, 2) ? one : two)[i] = 'X';
    ArbitrationLimits limits = small();
    limits.choices_max = 5;
    Court court(truth, {one, two});
    court.run(std::string(40, '0'), limits);
    EXPECT_LE(court.choices_, 5U * 3);
}

TEST(Arbitration, ACopyThatFailsIsNotAskedOfThatSourceAgainOneGivenBackIs) {
    Arbitration arbitration(4, Attribution{}, {}, small());
    RangeSet all;
    all.add({0, 4});
    const std::vector<RangeSet> claims{all};
    EXPECT_FALSE(arbitration.collected(claims));
    ASSERT_TRUE(arbitration.next_copy(0, all));
    EXPECT_TRUE(arbitration.collected(claims));
    arbitration.copy_given_back(0, 0);
    EXPECT_FALSE(arbitration.collected(claims));
    ASSERT_TRUE(arbitration.next_copy(0, all));
    arbitration.copy_failed(0, 0);
    EXPECT_FALSE(arbitration.next_copy(0, all));
    EXPECT_TRUE(arbitration.collected(claims));
    EXPECT_FALSE(arbitration.next_choice());
    EXPECT_FALSE(arbitration.next_round(claims));
    arbitration.claims_changed();
    EXPECT_TRUE(arbitration.next_copy(0, all));
}

TEST(Arbitration, ACopyThatComesWhileAChoiceIsTriedIsPartOfTheNextOne) {
    Arbitration arbitration(8, Attribution{}, {}, small());
    RangeSet all;
    all.add({0, 8});
    const hash::Md5 held = hash::md5(as_bytes("held"));
    ASSERT_TRUE(arbitration.next_copy(0, all));
    ASSERT_TRUE(arbitration.next_copy(1, all));
    EXPECT_EQ(arbitration.copy_arrived(0, 0, hash::md5(as_bytes("zero")), held), 0U);
    EXPECT_THAT(arbitration.next_choice(),
                testing::Optional(ElementsAre(Arbitration::Replacement{{0, 4}, 0})));
    EXPECT_EQ(arbitration.copy_arrived(1, 1, hash::md5(as_bytes("late")), held), 1U);
    std::vector<std::size_t> sizes;
    while (const auto choice = arbitration.next_choice()) sizes.push_back(choice->size());
    EXPECT_THAT(sizes, testing::UnorderedElementsAre(1, 2));  // {late} and {zero, late}: {zero} was tried
    EXPECT_THAT(arbitration.resolve(), testing::AnyOf(IsEmpty(), ElementsAre(0)));
}

TEST(Arbitration, NewClaimsGoOnWhereItWasStuck) {
    Arbitration arbitration(4, Attribution{}, {}, small());
    RangeSet all;
    all.add({0, 4});
    EXPECT_TRUE(arbitration.collected({}));
    EXPECT_FALSE(arbitration.next_choice());
    EXPECT_FALSE(arbitration.next_round({}));
    arbitration.claims_changed();
    const std::vector<RangeSet> claims{all};
    EXPECT_FALSE(arbitration.collected(claims));
    ASSERT_TRUE(arbitration.next_copy(0, all));
    EXPECT_EQ(arbitration.copy_arrived(0, 0, hash::md5(as_bytes("abcd")), hash::md5(as_bytes("abcX"))), 0U);
    EXPECT_TRUE(arbitration.collected(claims));
    EXPECT_THAT(arbitration.next_choice(),
                testing::Optional(ElementsAre(Arbitration::Replacement{{0, 4}, 0})));
    EXPECT_THAT(arbitration.resolve(), IsEmpty());
}

}  // namespace
}  // namespace spate::classic_peer
