#include "classic_peer/download.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace spate::classic_peer {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

SourceClaim claim(int number, ByteRange surely, std::int64_t updated = 0) {
    SourceClaim result{{"192.0.2." + std::to_string(number), 6361}, {}, {}, {updated}};
    result.surely.add(surely);
    return result;
}

class DownloadTest : public testing::Test {
  protected:
    TimePoint now_{};
    Rng rng_{1};

    std::vector<ByteRange> ranges(const std::vector<Fetch>& fetches) {
        std::vector<ByteRange> list;
        for (const Fetch& fetch : fetches) list.push_back(fetch.range);
        return list;
    }
};

TEST_F(DownloadTest, HandsOutMissingBytesInFileOrderToTheNewestPeerFirst) {
    Download download(10 * 1024, {});
    const std::vector claims{claim(1, {0, 10 * 1024}, 100), claim(2, {0, 10 * 1024}, 200)};
    download.set_claims(claims);
    const auto fetches = download.assign(now_);
    ASSERT_THAT(fetches, SizeIs(2));
    EXPECT_EQ(fetches[0].source, 1);
    EXPECT_EQ(fetches[0].range, (ByteRange{0, 1024}));
    EXPECT_EQ(fetches[1].source, 0);
    EXPECT_EQ(fetches[1].range, (ByteRange{1024, 2048}));
    EXPECT_THAT(download.assign(now_), IsEmpty());
}

TEST_F(DownloadTest, AsksOnlyForWhatAPeerClaimsAndIsMissing) {
    RangeSet have;
    have.add({0, 100});
    Download download(5000, have);
    download.set_claims(std::vector{claim(1, {50, 300}), claim(2, {4900, 5000})});
    EXPECT_THAT(ranges(download.assign(now_)), ElementsAre(ByteRange{100, 300}, ByteRange{4900, 5000}));
    EXPECT_EQ(download.missing_bytes(), 4900U);
}

TEST_F(DownloadTest, AsksForAPerhapsByteOnlyIfNobodyHasItSurely) {
    Download download(3, {});
    SourceClaim first = claim(1, {0, 1});
    first.perhaps.add({1, 2});
    SourceClaim second = claim(2, {2, 3});
    second.perhaps.add({0, 1});
    download.set_claims(std::vector{first, second});
    for (const Fetch& fetch : download.assign(now_)) download.received(fetch.id, fetch.range, now_);
    const auto fetches = download.assign(now_);
    EXPECT_THAT(ranges(fetches), ElementsAre(ByteRange{1, 2}));
}

TEST_F(DownloadTest, FetchesGrowToTheirCapacityAndShrinkTowardsTheEnd) {
    Download download(1 << 20, {});
    download.set_claims(std::vector{claim(1, {0, 1 << 20}), claim(2, {0, 1 << 20})});
    const SourceCapacity deep{100, 1 << 20, 1 << 20};
    download.set_capacity(0, deep);
    download.set_capacity(1, deep);
    const auto fetches = download.assign(now_);
    EXPECT_EQ(fetches.front().range.size(), 64U * 1024);
    EXPECT_EQ(fetches.back().range.size(), 1024U);
    std::uint64_t total = 0;
    for (const Fetch& fetch : fetches) total += fetch.range.size();
    EXPECT_EQ(total, 1U << 20);
}

TEST_F(DownloadTest, AFailedConnectionGivesItsBytesToOthersAndWaits) {
    Download download(2048, {});
    download.set_claims(std::vector{claim(1, {0, 2048}, 2), claim(2, {0, 2048}, 1)});
    const auto fetches = download.assign(now_);
    ASSERT_THAT(fetches, SizeIs(2));
    EXPECT_THAT(download.received(fetches[0].id, {0, 24}, now_), ElementsAre(ByteRange{0, 24}));
    download.failed(0, std::array{fetches[0].id}, now_, rng_);
    EXPECT_THAT(download.assign(now_), IsEmpty());  // 1 is busy, 0 waits
    download.received(fetches[1].id, {1024, 2048}, now_);
    const auto again = download.assign(now_);
    EXPECT_THAT(ranges(again), ElementsAre(ByteRange{24, 1024}));
    EXPECT_EQ(again[0].source, 1);
    const TimePoint due = download.next_timeout(now_);
    EXPECT_GE(due - now_, 250ms);
    EXPECT_LE(due - now_, 500ms);
}

TEST_F(DownloadTest, ARefusalBacksOffThatRangeOnly) {
    Download download(4096, {});
    download.set_claims(std::vector{claim(1, {0, 4096})});
    const auto fetches = download.assign(now_);
    EXPECT_THAT(ranges(fetches), ElementsAre(ByteRange{0, 1024}));
    download.refused(fetches[0].id, now_, rng_);
    EXPECT_THAT(ranges(download.assign(now_)), ElementsAre(ByteRange{1024, 2048}));
    EXPECT_EQ(download.next_timeout(now_), now_ + 2s);
}

TEST_F(DownloadTest, ManyRefusalsInARowMakeThePeerWait) {
    Download download(1 << 20, {});
    download.set_claims(std::vector{claim(1, {0, 1 << 20})});
    for (int i = 0; i < 4; ++i) {
        const auto fetches = download.assign(now_);
        ASSERT_THAT(fetches, SizeIs(1));
        download.refused(fetches[0].id, now_, rng_);
    }
    EXPECT_THAT(download.assign(now_), IsEmpty());
    EXPECT_TRUE(download.waiting(0, now_));
    EXPECT_THAT(download.assign(now_ + 500ms), SizeIs(1));
}

TEST_F(DownloadTest, ABannedPeerIsNotAskedAgainAndNotCountedAsHavingAnything) {
    Download download(1024, {});
    download.set_claims(std::vector{claim(1, {0, 1024})});
    download.ban(0);
    EXPECT_THAT(download.assign(now_), IsEmpty());
    download.set_claims(std::vector{claim(1, {0, 1024})});
    EXPECT_THAT(download.assign(now_), IsEmpty());
}

TEST_F(DownloadTest, TheTailIsRepeatedByAnIdlePeerAndDuplicatesAreCounted) {
    Download download(1024, {});
    download.set_claims(std::vector{claim(1, {0, 1024}, 2), claim(2, {0, 1024}, 1)});
    const auto slow = download.assign(now_);
    ASSERT_THAT(slow, SizeIs(1));
    EXPECT_EQ(download.next_timeout(now_), now_ + 2s);
    EXPECT_THAT(download.assign(now_ + 2s - 1ns), IsEmpty());
    const auto fast = download.assign(now_ + 2s);
    ASSERT_THAT(fast, SizeIs(1));
    EXPECT_EQ(fast[0].source, 1);
    EXPECT_THAT(download.assign(now_ + 3s), IsEmpty());
    EXPECT_THAT(download.received(fast[0].id, {0, 1000}, now_ + 3s), SizeIs(1));
    EXPECT_THAT(download.received(slow[0].id, {0, 1024}, now_ + 3s), ElementsAre(ByteRange{1000, 1024}));
    EXPECT_TRUE(download.complete());
    EXPECT_EQ(download.bytes_received_twice(), 1000U);
    EXPECT_THAT(download.received(fast[0].id, {1000, 1024}, now_ + 3s), IsEmpty());
    EXPECT_EQ(download.bytes_received_twice(), 1024U);
    EXPECT_EQ(download.bytes_from(0), 24U);
}

TEST_F(DownloadTest, SourcesBeyondTheCapAreLeftOut) {
    DownloadLimits limits;
    limits.sources = 2;
    Download download(1024, {}, limits);
    download.set_claims(std::vector{claim(1, {0, 1}), claim(2, {1, 2}), claim(3, {2, 1024})});
    EXPECT_EQ(download.source_count(), 2U);
    EXPECT_THAT(download.assign(now_), SizeIs(2));
}

TEST_F(DownloadTest, AsksNoMoreSourcesAtOnceThanItsCap) {
    DownloadLimits limits;
    limits.busy_sources = 2;
    Download download(10'000, {}, limits);
    const std::vector claims{claim(1, {0, 10'000}), claim(2, {0, 10'000}), claim(3, {0, 10'000})};
    download.set_claims(claims);
    const auto fetches = download.assign(now_);
    EXPECT_THAT(fetches, SizeIs(2));
    download.failed(fetches[0].source, std::array{fetches[0].id}, now_, rng_);
    EXPECT_THAT(download.assign(now_), SizeIs(1));
}

TEST_F(DownloadTest, AnEmptyFileIsCompleteAtOnce) {
    EXPECT_TRUE(Download(0, {}).complete());
}

// Random peers that answer, refuse, die and change their claims: every missing byte is kept exactly once, no
// two peers work on one byte unless one repeats the other, and all is there in the end.
TEST_F(DownloadTest, CompletesWhateverPeersDo) {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        Rng rng(seed);
        const std::uint64_t size = 1 + rng.below(200'000);
        Download download(size, {});
        const auto random_claims = [&] {
            std::vector<SourceClaim> claims{claim(0, {0, size}, 1)};
            for (int i = 1; i < 5; ++i) {
                const std::uint64_t start = rng.below(size);
                claims.push_back(claim(i, {start, start + 1 + rng.below(size - start)},
                                       static_cast<std::int64_t>(rng.below(9))));
            }
            return claims;
        };
        download.set_claims(random_claims());
        for (SourceId i = 0; i < 5; ++i)
            download.set_capacity(i, {1 + rng.below(4), std::uint64_t{1024} << rng.below(7),
                                      std::uint64_t{1024} << rng.below(9)});
        std::vector<std::uint8_t> kept(size, 0);
        struct Open {
            Fetch fetch;
            std::uint64_t left;
        };
        std::vector<Open> open;
        for (int turn = 0; !download.complete(); ++turn) {
            ASSERT_LT(turn, 200'000) << "seed " << seed;
            for (const Fetch& fetch : download.assign(now_)) {
                ASSERT_TRUE(download.claims(fetch.source).contains(fetch.range));
                const auto same = std::ranges::count_if(open, [&](const Open& other) {
                    return other.fetch.range.end - other.left < fetch.range.end &&
                           fetch.range.start < other.fetch.range.end;
                });
                ASSERT_LE(same, 1);
                open.push_back({fetch, fetch.range.size()});
            }
            if (open.empty()) {
                const TimePoint next = download.next_timeout(now_);
                ASSERT_NE(next, never) << "seed " << seed;
                now_ = next;
                continue;
            }
            const std::size_t at = rng.below(open.size());
            Open& one = open[at];
            const std::uint64_t what = rng.below(20);
            if (what == 0) {
                std::vector<FetchId> all;
                const SourceId source = one.fetch.source;
                for (const Open& other : open)
                    if (other.fetch.source == source) all.push_back(other.fetch.id);
                std::erase_if(open, [&](const Open& other) { return other.fetch.source == source; });
                download.failed(source, all, now_, rng);
            } else if (what == 1) {
                download.refused(one.fetch.id, now_, rng);
                open.erase(open.begin() + static_cast<std::ptrdiff_t>(at));
            } else if (what == 2) {
                download.set_claims(random_claims());
            } else if (what == 3) {
                now_ += 1s;
            } else {
                const std::uint64_t at_byte = one.fetch.range.end - one.left;
                const std::uint64_t skip = rng.chance(1, 10) ? rng.below(one.left) : 0;
                const std::uint64_t count = skip + 1 + rng.below(one.left - skip);
                const ByteRange came{at_byte + skip, at_byte + count};
                for (const ByteRange& range : download.received(one.fetch.id, came, now_))
                    for (std::uint64_t byte = range.start; byte < range.end; ++byte)
                        ASSERT_EQ(kept[byte]++, 0);
                one.left -= count;
                if (one.left == 0) open.erase(open.begin() + static_cast<std::ptrdiff_t>(at));
            }
        }
        ASSERT_EQ(std::ranges::count(kept, 1), static_cast<std::ptrdiff_t>(size));
    }
}

}  // namespace
}  // namespace spate::classic_peer
