#include "classic/chunk_reply_pipeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/rng.h"

namespace spate::classic {
namespace {

using Outcome = ChunkReplyPipeline::Outcome;
using Verdict = ChunkVerdict;
using testing::ElementsAre;

std::string reply(ByteRange range) {
    const std::string data(range.size(), static_cast<char>('a' + range.start % 26));
    return write_chunk_reply(ChunkForm::plus, range, as_bytes(data));
}

TEST(ChunkReplyPipeline, ManyRepliesBackToBackInAnySplit) {
    Rng rng(5);
    for (int round = 0; round < 50; ++round) {
        ChunkReplyPipeline pipeline;
        std::string stream;
        std::vector<ByteRange> asked;
        for (std::uint64_t i = 0; i < 40; ++i) {
            asked.push_back({i * 1024, i * 1024 + 1 + rng.below(1024)});
            pipeline.expect(asked.back());
            stream += i % 7 == 3 ? write_chunk_refusal(ChunkForm::plus, "") : reply(asked.back());
        }
        std::vector<Outcome> out;
        for (std::size_t at = 0; at < stream.size();) {
            const std::size_t step =
                1 + rng.below(round == 0 ? 1 : std::min<std::size_t>(3000, stream.size() - at));
            pipeline.feed(as_bytes(stream).subspan(at, std::min(step, stream.size() - at)), out);
            at += step;
        }
        ASSERT_EQ(out.size(), asked.size());
        for (std::size_t i = 0; i < out.size(); ++i) {
            ASSERT_EQ(out[i].asked, asked[i]);
            ASSERT_EQ(out[i].verdict, i % 7 == 3 ? Verdict::refused : Verdict::complete);
            ASSERT_EQ(out[i].data.size(), i % 7 == 3 ? 0 : asked[i].size());
        }
        ASSERT_FALSE(pipeline.dead());
        ASSERT_EQ(pipeline.outstanding(), 0u);
    }
}

TEST(ChunkReplyPipeline, AShortReplyKeepsTheStreamInStep) {
    ChunkReplyPipeline pipeline;
    std::vector<Outcome> out;
    pipeline.expect({0, 5});
    pipeline.expect({5, 7});
    pipeline.feed(as_bytes("<GET ok 3>\nabc<GET ok 2>\nde"), out);
    ASSERT_EQ(out.size(), 2u);
    EXPECT_EQ(out[0].verdict, Verdict::short_end);
    EXPECT_EQ(out[0].data, "abc");
    EXPECT_EQ(out[1].verdict, Verdict::complete);
    EXPECT_FALSE(pipeline.dead());
}

TEST(ChunkReplyPipeline, NonsenseEndsItAndTheRestIsUnanswered) {
    ChunkReplyPipeline pipeline;
    std::vector<Outcome> out;
    pipeline.expect({0, 5});
    pipeline.expect({5, 7});
    pipeline.feed(as_bytes("what?\n<GET ok 2>\nde"), out);
    ASSERT_EQ(out.size(), 1u);
    EXPECT_EQ(out[0].verdict, Verdict::malformed);
    EXPECT_TRUE(pipeline.dead());
    EXPECT_THAT(pipeline.unanswered(), ElementsAre(ByteRange{5, 7}));
}

TEST(ChunkReplyPipeline, BytesNobodyAskedForEndIt) {
    ChunkReplyPipeline pipeline;
    std::vector<Outcome> out;
    pipeline.expect({0, 1});
    pipeline.feed(as_bytes("<GET ok 1>\nab"), out);
    EXPECT_EQ(out.size(), 1u);
    EXPECT_TRUE(pipeline.dead());
}

TEST(ChunkReplyPipeline, EndOfInputInTheMiddle) {
    ChunkReplyPipeline pipeline;
    std::vector<Outcome> out;
    pipeline.expect({0, 5});
    pipeline.expect({5, 7});
    pipeline.feed(as_bytes("<GET ok 5>\nab"), out);
    pipeline.end_of_input(out);
    ASSERT_EQ(out.size(), 1u);
    EXPECT_EQ(out[0].data, "ab");
    EXPECT_EQ(out[0].verdict, Verdict::short_end);
    EXPECT_TRUE(pipeline.dead());
    EXPECT_THAT(pipeline.unanswered(), ElementsAre(ByteRange{5, 7}));
}

TEST(ChunkReplyPipeline, EndOfInputBetweenReplies) {
    ChunkReplyPipeline pipeline;
    std::vector<Outcome> out;
    pipeline.expect({0, 5});
    pipeline.end_of_input(out);
    EXPECT_TRUE(out.empty());
    EXPECT_THAT(pipeline.unanswered(), ElementsAre(ByteRange{0, 5}));
}

TEST(ChunkReplyPipeline, FullAtItsLimit) {
    ChunkReplyPipeline pipeline(2);
    pipeline.expect({0, 1});
    EXPECT_FALSE(pipeline.full());
    pipeline.expect({1, 2});
    EXPECT_TRUE(pipeline.full());
}

}  // namespace
}  // namespace spate::classic
