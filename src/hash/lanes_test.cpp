#include "hash/lanes.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <iostream>
#include <string>

#include "base/rng.h"

namespace spate::hash {
namespace {

std::vector<std::uint8_t> random_bytes(std::size_t size, Rng& rng) {
    std::vector<std::uint8_t> bytes(size);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(rng.next());
    return bytes;
}

// Each test runs for every kernel this CPU has, whatever is fastest here.
class Lanes : public testing::TestWithParam<std::string> {
  protected:
    const HashKernel& kernel() const { return *find_kernel(GetParam()); }

    // Both algorithms over these messages, against OpenSSL.
    void expect_same(std::span<const Bytes> messages) const {
        std::vector<Sha1> sha1s(messages.size());
        std::vector<Sha256> sha256s(messages.size());
        sha1_many(messages, sha1s, only_sha1(kernel()));
        sha256_many(messages, sha256s, only_sha256(kernel()));
        for (std::size_t i = 0; i < messages.size(); ++i) {
            ASSERT_EQ(sha1s[i], sha1(messages[i])) << "message " << i << ", length " << messages[i].size();
            ASSERT_EQ(sha256s[i], sha256(messages[i]))
                << "message " << i << ", length " << messages[i].size();
        }
    }

    Rng rng_{7};
};

std::vector<std::string> supported_kernels() {
    std::vector<std::string> names;
    for (const HashKernel& row : kernels()) {
        std::cout << "hash kernel " << row.name << ": " << (row.supported() ? "tested" : "not on this CPU")
                  << '\n';
        if (row.supported()) names.emplace_back(row.name);
    }
    return names;
}
INSTANTIATE_TEST_SUITE_P(Kernels, Lanes, testing::ValuesIn(supported_kernels()),
                         [](const auto& instance) { return instance.param; });

TEST_P(Lanes, EveryLengthTo300InEveryLane) {
    const auto bytes = random_bytes(300 + kMaxLanes, rng_);
    for (std::size_t length = 0; length <= 300; ++length) {
        std::vector<Bytes> messages;  // unaligned, all different
        for (std::size_t i = 0; i < kernel().lanes; ++i) messages.push_back(Bytes(bytes).subspan(i, length));
        expect_same(messages);
    }
}

TEST_P(Lanes, BlockBoundaries) {
    const auto bytes = random_bytes(4200 + kMaxLanes, rng_);
    for (std::size_t edge = 64; edge <= 4096; edge += edge < 512 ? 64 : 512) {
        std::vector<Bytes> messages;
        for (std::size_t length = edge - 10; length <= edge + 2; ++length)
            messages.push_back(Bytes(bytes).subspan(length % kMaxLanes, length));
        expect_same(messages);
    }
}

TEST_P(Lanes, EveryCountOfMessages) {
    const auto bytes = random_bytes(1000, rng_);
    for (std::size_t count = 0; count <= 2 * kernel().lanes + 1; ++count) {
        std::vector<Bytes> equal, growing, shrinking;
        for (std::size_t i = 0; i < count; ++i) {
            equal.push_back(Bytes(bytes).subspan(i, 130));
            growing.push_back(Bytes(bytes).first(i * 29));
            shrinking.push_back(Bytes(bytes).last((count - i) * 29));
        }
        expect_same(equal);
        expect_same(growing);
        expect_same(shrinking);
    }
}

TEST_P(Lanes, MixedLengths) {
    const auto bytes = random_bytes(70'000, rng_);
    for (int round = 0; round < 20; ++round) {
        std::vector<Bytes> messages(rng_.below(100));
        const std::uint64_t longest = rng_.chance(1, 4) ? 65'536 : 700;
        for (Bytes& message : messages)
            message = Bytes(bytes).subspan(rng_.below(4000), rng_.below(rng_.chance(1, 8) ? longest : 200));
        expect_same(messages);
    }
}

TEST_P(Lanes, NullViewsAreEmptyMessages) {
    const std::vector<Bytes> messages(kernel().lanes + 1);
    expect_same(messages);
}

// Hashes `messages` stream by stream in chunks whose sizes `next_size` gives, twice with the same object.
template <class Digest, class NextSize>
std::vector<Digest> in_chunks(const KernelLadder& ladder, std::span<const Bytes> messages,
                              NextSize next_size) {
    LaneHasher<Digest> hasher(messages.size(), ladder);
    std::vector<Digest> out(messages.size());
    for (int use = 0; use < 2; ++use) {
        std::vector<Bytes> rest(messages.begin(), messages.end());
        while (std::ranges::any_of(rest, [](Bytes bytes) { return !bytes.empty(); })) {
            std::vector<Bytes> chunks(rest.size());
            for (std::size_t i = 0; i < rest.size(); ++i) {
                chunks[i] = rest[i].first(std::min<std::size_t>(next_size(), rest[i].size()));
                rest[i] = rest[i].subspan(chunks[i].size());
            }
            hasher.update(chunks);
        }
        std::ranges::fill(out, Digest{});
        hasher.finish(out);
    }
    return out;
}

TEST_P(Lanes, StreamsInEqualChunks) {
    const auto bytes = random_bytes(3000, rng_);
    for (const std::size_t count :
         {std::size_t{1}, std::size_t{kernel().lanes}, std::size_t{kernel().lanes} + 3})
        for (const std::size_t size : {1U, 63U, 64U, 65U, 128U, 1000U}) {
            std::vector<Bytes> messages;
            for (std::size_t i = 0; i < count; ++i)
                messages.push_back(Bytes(bytes).subspan(i, 2100 + 13 * i));
            const auto sha1s = in_chunks<Sha1>(only_sha1(kernel()), messages, [&] { return size; });
            const auto sha256s = in_chunks<Sha256>(only_sha256(kernel()), messages, [&] { return size; });
            for (std::size_t i = 0; i < count; ++i) {
                ASSERT_EQ(sha1s[i], sha1(messages[i])) << count << " streams, chunks of " << size;
                ASSERT_EQ(sha256s[i], sha256(messages[i])) << count << " streams, chunks of " << size;
            }
        }
}

TEST_P(Lanes, StreamsInRandomChunks) {
    const auto bytes = random_bytes(6000, rng_);
    for (int round = 0; round < 60; ++round) {
        std::vector<Bytes> messages(1 + rng_.below(2 * kMaxLanes));
        for (Bytes& message : messages) message = Bytes(bytes).subspan(rng_.below(100), rng_.below(3000));
        const std::uint64_t largest = round % 2 == 0 ? 150 : 1500;
        const auto size = [&] { return static_cast<std::size_t>(rng_.below(largest)); };
        const auto sha1s = in_chunks<Sha1>(only_sha1(kernel()), messages, size);
        const auto sha256s = in_chunks<Sha256>(only_sha256(kernel()), messages, size);
        for (std::size_t i = 0; i < messages.size(); ++i) {
            ASSERT_EQ(sha1s[i], sha1(messages[i])) << "round " << round << " stream " << i;
            ASSERT_EQ(sha256s[i], sha256(messages[i])) << "round " << round << " stream " << i;
        }
    }
}

TEST_P(Lanes, FewerChunksAndDigestsThanStreams) {
    const auto bytes = random_bytes(100, rng_);
    Sha1Lanes hasher(5, only_sha1(kernel()));
    const std::vector<Bytes> chunks(3, Bytes(bytes));
    hasher.update(chunks);
    std::vector<Sha1> out(4);
    hasher.finish(out);
    EXPECT_EQ(out, (std::vector<Sha1>{sha1(bytes), sha1(bytes), sha1(bytes), sha1({})}));
}

TEST(Kernels, TheTableIsSound) {
    ASSERT_FALSE(kernels().empty());
    EXPECT_EQ(kernels().front().lanes, 1U);
    EXPECT_TRUE(kernels().front().supported());
    for (const HashKernel& row : kernels()) {
        EXPECT_LE(row.lanes, kMaxLanes);
        EXPECT_GE(row.lanes, 1U);
        EXPECT_GT(row.sha1_speed, 0);
        EXPECT_GT(row.sha256_speed, 0);
        EXPECT_EQ(find_kernel(row.name), &row);
    }
    EXPECT_EQ(find_kernel("none"), nullptr);
}

void expect_right_by(const KernelLadder& for_sha1, const KernelLadder& for_sha256) {
    Rng rng(8);
    const auto bytes = random_bytes(6000, rng);
    for (int round = 0; round < 100; ++round) {
        std::vector<Bytes> messages(rng.below(2 * kMaxLanes + 2));
        for (Bytes& message : messages) message = Bytes(bytes).subspan(rng.below(100), rng.below(3000));
        const auto next_size = [&] { return static_cast<std::size_t>(rng.below(700)); };
        std::vector<Sha1> sha1s(messages.size());
        std::vector<Sha256> sha256s(messages.size());
        sha1_many(messages, sha1s, for_sha1);
        sha256_many(messages, sha256s, for_sha256);
        const auto streamed1 = in_chunks<Sha1>(for_sha1, messages, next_size);
        const auto streamed256 = in_chunks<Sha256>(for_sha256, messages, next_size);
        for (std::size_t i = 0; i < messages.size(); ++i) {
            ASSERT_EQ(sha1s[i], sha1(messages[i])) << "round " << round << " message " << i;
            ASSERT_EQ(sha256s[i], sha256(messages[i])) << "round " << round << " message " << i;
            ASSERT_EQ(streamed1[i], sha1s[i]) << "round " << round << " stream " << i;
            ASSERT_EQ(streamed256[i], sha256s[i]) << "round " << round << " stream " << i;
        }
    }
}

// As callers hash: the ladder changes kernels as messages end.
TEST(Kernels, AnyNumberOfMessagesOfAnyLengthsByTheLadder) {
    expect_right_by(fastest_sha1(), fastest_sha256());
}

// On every processor: two rungs that both are the best for some number of messages.
TEST(Kernels, AnyNumberOfMessagesOfAnyLengthsByTwoRungs) {
    const HashKernel& one = *find_kernel("openssl");
    const HashKernel& four = *find_kernel("portable");
    const std::array<KernelLadder::Rung, 2> sha1_rungs{{{1, one.sha1, 1}, {4, four.sha1, 2}}};
    const std::array<KernelLadder::Rung, 2> sha256_rungs{{{1, one.sha256, 1}, {4, four.sha256, 2}}};
    expect_right_by(KernelLadder(sha1_rungs), KernelLadder(sha256_rungs));
}

TEST(Kernels, TheLadderTakesWhatIsWorthMostForSoManyMessages) {
    const std::array<KernelLadder::Rung, 3> rungs{{{1, nullptr, 2}, {4, nullptr, 5}, {16, nullptr, 7}}};
    const KernelLadder ladder(rungs);
    const auto lanes_for = [&](unsigned busy) { return ladder.rung(busy).lanes; };
    EXPECT_EQ(lanes_for(1), 1U);
    EXPECT_EQ(lanes_for(2), 4U);
    EXPECT_EQ(lanes_for(4), 4U);
    EXPECT_EQ(lanes_for(9), 4U);    // 4, 4 and 1: 2.1 units of time; all in 16 lanes: 2.29
    EXPECT_EQ(lanes_for(10), 16U);  // 4, 4 and 2 would take 2.4
    EXPECT_EQ(lanes_for(kMaxLanes), 16U);
    EXPECT_EQ(ladder.lanes(), 16U);
}

}  // namespace
}  // namespace spate::hash
