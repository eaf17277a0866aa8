#include "engine/swarm_claims.h"

#include <gtest/gtest.h>

namespace spate::engine {
namespace {

metainfo::InfoHash hash_of(std::uint8_t v1, std::uint8_t v2) {
    metainfo::InfoHash hash;
    if (v1 != 0) hash.v1.emplace().fill(v1);
    if (v2 != 0) hash.v2.emplace().fill(v2);
    return hash;
}

TEST(SwarmClaims, WhoHasOneOfItsSwarmsHasIt) {
    SwarmClaims claims;
    EXPECT_EQ(claims.claim(hash_of(1, 0), 0), 0U);
    EXPECT_EQ(claims.claim(hash_of(1, 2), 1), 0U) << "the same content";
    EXPECT_EQ(claims.claim(hash_of(0, 2), 1), 0U);
    EXPECT_EQ(claims.claim(hash_of(3, 0), 1), 1U);
    EXPECT_EQ(claims.claim(hash_of(3, 2), 1), std::nullopt);
}

TEST(SwarmClaims, OfTwoThatLearnTheyAreOneTheSecondStays) {
    SwarmClaims claims;
    claims.claim(hash_of(1, 0), 0);
    claims.claim(hash_of(0, 2), 1);
    EXPECT_FALSE(claims.learn(hash_of(1, 0), hash_of(1, 2), 0));
    EXPECT_TRUE(claims.learn(hash_of(0, 2), hash_of(1, 2), 1));
    EXPECT_EQ(claims.claim(hash_of(1, 0), 0), 1U);
    claims.release(hash_of(1, 0));
    claims.release(hash_of(1, 2));
    EXPECT_EQ(claims.claim(hash_of(0, 2), 0), 0U);
}

TEST(SwarmClaims, AClaimLastsUntilTheLastReleasesIt) {
    SwarmClaims claims;
    claims.claim(hash_of(1, 0), 0);
    claims.claim(hash_of(1, 2), 0);
    claims.release(hash_of(1, 0));
    EXPECT_EQ(claims.claim(hash_of(1, 0), 1), 0U);
    claims.release(hash_of(1, 0));
    claims.release(hash_of(1, 2));
    EXPECT_EQ(claims.claim(hash_of(1, 2), 1), 1U);
}

}  // namespace
}  // namespace spate::engine
