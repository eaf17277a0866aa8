#include "classic_peer/peer_dialect.h"

#include <gtest/gtest.h>

namespace spate::classic_peer {
namespace {

using classic::ChunkForm;

TEST(PeerDialect, BeginsWithTheSpecificationsFormAndThenTriesPlusOnce) {
    PeerDialect dialect;
    EXPECT_EQ(dialect.form(), ChunkForm::get);
    dialect.worked(ChunkForm::get);
    EXPECT_EQ(dialect.form(), ChunkForm::plus);
    EXPECT_FALSE(dialect.pipelines());
    dialect.worked(ChunkForm::plus);
    EXPECT_TRUE(dialect.pipelines());
    EXPECT_TRUE(dialect.did_not_work(ChunkForm::plus));  // the range, not the form
    EXPECT_EQ(dialect.form(), ChunkForm::plus);
}

TEST(PeerDialect, APeerWithoutPlusStaysPlain) {
    PeerDialect dialect;
    dialect.worked(ChunkForm::get);
    EXPECT_FALSE(dialect.did_not_work(ChunkForm::plus));
    EXPECT_EQ(dialect.form(), ChunkForm::get);
    dialect.worked(ChunkForm::get);
    EXPECT_EQ(dialect.form(), ChunkForm::get);
    EXPECT_TRUE(dialect.did_not_work(ChunkForm::get));
    EXPECT_EQ(dialect.form(), ChunkForm::get);
}

TEST(PeerDialect, GoesThroughEveryFormAndSaysWhenAllFailed) {
    PeerDialect dialect;
    for (std::size_t i = 0; i < classic::chunk_form_fallbacks.size(); ++i) {
        EXPECT_EQ(dialect.form(), classic::chunk_form_fallbacks[i]);
        EXPECT_EQ(dialect.did_not_work(dialect.form()), i + 1 == classic::chunk_form_fallbacks.size());
    }
    EXPECT_EQ(dialect.form(), ChunkForm::get);
}

TEST(PeerDialect, RemembersTheFormThatWorked) {
    PeerDialect dialect;
    while (dialect.form() != ChunkForm::getchunk) dialect.did_not_work(dialect.form());
    dialect.worked(ChunkForm::getchunk);
    EXPECT_EQ(dialect.form(), ChunkForm::getchunk);
    EXPECT_TRUE(dialect.known());
    EXPECT_TRUE(dialect.did_not_work(ChunkForm::getchunk));
    EXPECT_EQ(dialect.form(), ChunkForm::getchunk);
}

TEST(PeerDialect, ALateFailureOfAnEarlierFormSkipsNothing) {
    PeerDialect dialect;
    dialect.did_not_work(ChunkForm::get);
    const ChunkForm second = dialect.form();
    EXPECT_FALSE(dialect.did_not_work(ChunkForm::get));
    EXPECT_EQ(dialect.form(), second);
}

}  // namespace
}  // namespace spate::classic_peer
