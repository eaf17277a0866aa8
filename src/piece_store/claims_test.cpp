#include "piece_store/claims.h"

#include <cerrno>
#include <gtest/gtest.h>

namespace spate::piece_store {
namespace {

void save(Claims& claims) {
    claims.given(claims.marked());
    EXPECT_TRUE(claims.saved().empty());
}

TEST(Claims, ALossHoldsUntilAStateThatWasMadeSinceIsSaved) {
    Claims claims(true);
    EXPECT_FALSE(claims.hold());
    const auto older = claims.marked();
    claims.on_loss();
    EXPECT_TRUE(claims.hold());
    claims.given(older);
    EXPECT_TRUE(claims.saved().empty());
    EXPECT_TRUE(claims.hold());
    EXPECT_TRUE(claims.not_saved().empty());
    EXPECT_TRUE(claims.stuck());
    save(claims);
    EXPECT_FALSE(claims.hold());
    EXPECT_FALSE(claims.stuck());
    EXPECT_FALSE(claims.waiting());
}

TEST(Claims, ABaselineCoversWhatWasAskedBeforeIt) {
    Claims claims(true);
    claims.on_loss();
    claims.set_baseline({});
    claims.on_loss();
    EXPECT_TRUE(claims.take_baseline());
    EXPECT_FALSE(claims.take_baseline());
    EXPECT_TRUE(claims.saved().empty());
    EXPECT_TRUE(claims.hold());
    claims.set_baseline({});
    save(claims);  // by a newer state
    EXPECT_FALSE(claims.take_baseline());
    EXPECT_FALSE(claims.hold());
}

TEST(Claims, TheFirstClaimIsWaitedForUnlessStatesCannotBeSaved) {
    Claims claims(false);
    claims.on_first();
    EXPECT_TRUE(claims.hold());
    EXPECT_TRUE(claims.not_saved().empty());
    EXPECT_FALSE(claims.hold());
    EXPECT_FALSE(claims.stuck());
    EXPECT_TRUE(claims.waiting());  // it is tried again
    save(claims);
    EXPECT_FALSE(claims.waiting());
}

TEST(Claims, TasksAreDoneOnceAndToldHowItWent) {
    Claims claims(false);
    int good = 0;
    int bad = 0;
    const auto task = [&](const Result<void>& saved) { ++(saved ? good : bad); };
    claims.when_saved(task);
    EXPECT_FALSE(claims.hold());  // writing goes on meanwhile
    EXPECT_TRUE(claims.saved().empty());
    claims.given(claims.marked());
    for (auto& one : claims.saved()) one({});
    claims.when_saved(task);
    for (auto& one : claims.not_saved()) one(fail(Error::system(ENOSPC, "write", "/state")));
    claims.given(claims.marked());
    EXPECT_TRUE(claims.saved().empty());
    EXPECT_EQ(good, 1);
    EXPECT_EQ(bad, 1);
}

TEST(Claims, AnyIsWhereAStateMayBe) {
    Claims claims(false);
    EXPECT_FALSE(claims.any());
    claims.want_state();
    int wanted = 0;
    claims.set_keeper([&] { ++wanted; });
    EXPECT_TRUE(claims.any());
    claims.want_state();
    claims.set_keeper({});
    EXPECT_FALSE(claims.any());
    claims.want_state();
    EXPECT_EQ(wanted, 1);
    EXPECT_TRUE(Claims(true).any());
}

}  // namespace
}  // namespace spate::piece_store
