#include "classic/request_framer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/rng.h"

namespace spate::classic {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using EndedBy = FramedRequest::EndedBy;

constexpr TimePoint zero{};

FramedRequest line(std::string text, EndedBy ended_by) {
    return {FramedRequest::Kind::line, ended_by, std::move(text)};
}
FramedRequest by_lf(std::string text) {
    return line(std::move(text), EndedBy::line_end);
}
FramedRequest by_bracket(std::string text) {
    return line(std::move(text), EndedBy::bracket);
}

std::vector<FramedRequest> framed_at_once(const std::string& bytes) {
    RequestFramer framer;
    std::vector<FramedRequest> out;
    framer.feed(as_bytes(bytes), zero, out);
    framer.end_of_input(out);
    return out;
}

TEST(RequestFramer, EndsAtLineEndBracketAndEndOfInput) {
    EXPECT_THAT(framed_at_once("REQ LIST\n"), ElementsAre(by_lf("REQ LIST")));
    EXPECT_THAT(framed_at_once("REQ LIST\r\nLIST\n"), ElementsAre(by_lf("REQ LIST\r"), by_lf("LIST")));
    EXPECT_THAT(framed_at_once("<REQ LIST>"), ElementsAre(by_bracket("<REQ LIST>")));
    EXPECT_THAT(framed_at_once(" \t<REQ LIST> \r\n"), ElementsAre(by_bracket(" \t<REQ LIST>")));
    EXPECT_THAT(framed_at_once("<REQ LIST>\n<REQ LIST>\r\n<GET f>"),
                ElementsAre(by_bracket("<REQ LIST>"), by_bracket("<REQ LIST>"), by_bracket("<GET f>")));
    EXPECT_THAT(framed_at_once("<a><b>"), ElementsAre(by_bracket("<a>"), by_bracket("<b>")));
    EXPECT_THAT(framed_at_once("LIST"), ElementsAre(line("LIST", EndedBy::end_of_input)));
    EXPECT_THAT(framed_at_once("<REQ LIST\n"), ElementsAre(by_lf("<REQ LIST")));
    EXPECT_THAT(framed_at_once("create a->b\n"), ElementsAre(by_lf("create a->b")));
    EXPECT_THAT(framed_at_once(""), ElementsAre());
}

TEST(RequestFramer, EmptyLines) {
    EXPECT_THAT(framed_at_once("\n"), ElementsAre(by_lf("")));
    EXPECT_THAT(framed_at_once("a\n\n"), ElementsAre(by_lf("a"), by_lf("")));
    EXPECT_THAT(framed_at_once("<a>\n\n"), ElementsAre(by_bracket("<a>"), by_lf("")));
    EXPECT_THAT(framed_at_once(std::string("<a>\0\0\n<b>\0", 11)),
                ElementsAre(by_bracket("<a>"), by_bracket("<b>")));
}

TEST(RequestFramer, NulsAreCarried) {
    const std::string nuls("\0<a>\0\n", 6);
    EXPECT_THAT(framed_at_once(nuls), ElementsAre(by_lf(nuls.substr(0, 5))));
}

TEST(RequestFramer, EndsAfterTheQuietTime) {
    RequestFramer framer;
    std::vector<FramedRequest> out;
    EXPECT_EQ(framer.next_timeout(), never);
    framer.feed(as_bytes("LI"), zero, out);
    framer.feed(as_bytes("ST"), zero + 200ms, out);
    EXPECT_EQ(framer.next_timeout(), zero + 500ms);
    framer.on_timeout(zero + 499ms, out);
    EXPECT_TRUE(out.empty());
    framer.on_timeout(zero + 500ms, out);
    EXPECT_THAT(out, ElementsAre(line("LIST", EndedBy::quiet)));
    EXPECT_EQ(framer.next_timeout(), never);
    framer.feed(as_bytes("\r\nLIST"), zero + 10s, out);  // the line end came late; then the next request
    EXPECT_EQ(framer.next_timeout(), zero + 10'300ms);
    framer.on_timeout(zero + 11s, out);
    EXPECT_THAT(out, ElementsAre(line("LIST", EndedBy::quiet), line("LIST", EndedBy::quiet)));
}

TEST(RequestFramer, ABracketWaitsForItsEndAcrossAPacketThatIsSentAgain) {
    RequestFramer framer;
    std::vector<FramedRequest> out;
    framer.feed(as_bytes("<GET f 0 10"), zero, out);
    EXPECT_EQ(framer.next_timeout(), zero + 5s);
    framer.feed(as_bytes("24>"), zero + 4999ms, out);
    EXPECT_THAT(out, ElementsAre(line("<GET f 0 1024>", EndedBy::bracket)));
    framer.feed(as_bytes("<GET f 0 10"), zero + 5s, out);
    framer.on_timeout(zero + 10s, out);
    EXPECT_EQ(out.back(), line("<GET f 0 10", EndedBy::quiet));
}

TEST(RequestFramer, AQuietTimeThatPassedBeforeAReadCounts) {
    RequestFramer framer;
    std::vector<FramedRequest> out;
    framer.feed(as_bytes("TRACKER"), zero, out);
    framer.feed(as_bytes("LIST"), zero + 300ms, out);
    EXPECT_THAT(out, ElementsAre(line("TRACKER", EndedBy::quiet)));
    framer.feed(as_bytes("\n"), zero + 599ms, out);
    EXPECT_THAT(out, ElementsAre(line("TRACKER", EndedBy::quiet), by_lf("LIST")));
}

TEST(RequestFramer, BareRequestsWithinTheQuietTimeAreOne) {
    RequestFramer framer;
    std::vector<FramedRequest> out;
    framer.feed(as_bytes("TRACKER"), zero, out);
    framer.feed(as_bytes("LIST"), zero + 299ms, out);
    framer.end_of_input(out);
    EXPECT_THAT(out, ElementsAre(line("TRACKERLIST", EndedBy::end_of_input)));
}

TEST(RequestFramer, LineLengthOnBothSidesOfTheLimit) {
    const FramedRequest too_long{FramedRequest::Kind::too_long, EndedBy::line_end, ""};
    const std::string full(RequestFramer::default_line_max, 'x');
    EXPECT_THAT(framed_at_once(full + "\n"), ElementsAre(by_lf(full)));
    EXPECT_THAT(framed_at_once(full + "x\nLIST\n"), ElementsAre(too_long));
    const std::string bracketed = "<" + std::string(RequestFramer::default_line_max - 2, 'x') + ">";
    EXPECT_THAT(framed_at_once(bracketed), ElementsAre(by_bracket(bracketed)));
    RequestFramer framer(4);
    std::vector<FramedRequest> out;
    framer.feed(as_bytes("1234\n12345"), zero, out);
    EXPECT_THAT(out, ElementsAre(by_lf("1234"), too_long));
    EXPECT_TRUE(framer.dead());
}

TEST(RequestFramer, AMegabyteWithoutALineEndIsReportedOnceAndNotKept) {
    RequestFramer framer;
    std::vector<FramedRequest> out;
    const std::string kilobyte(1024, 'a');
    for (int i = 0; i < 1024; ++i) framer.feed(as_bytes(kilobyte), zero, out);
    framer.on_timeout(zero + 1h, out);
    framer.end_of_input(out);
    EXPECT_EQ(out.size(), 1u);
    EXPECT_EQ(framer.buffered(), 0u);
    EXPECT_EQ(framer.next_timeout(), never);
}

TEST(RequestFramer, IdleOnesAreSmall) {
    EXPECT_LE(sizeof(RequestFramer), 80u);
}

// Random streams with random pauses, cut in random places at equal times: the same requests.
TEST(RequestFramer, AnySplitWithTheSameTimingGivesTheSame) {
    constexpr std::string_view alphabet("<>\n\r ab\0", 8);
    Rng rng(7);
    for (int round = 0; round < 500; ++round) {
        RequestFramer whole(6);
        RequestFramer split(6);
        RequestFramer bytewise(6);
        std::vector<FramedRequest> from_whole;
        std::vector<FramedRequest> from_split;
        std::vector<FramedRequest> from_bytes;
        TimePoint now = zero;
        for (int burst = 0; burst < 5; ++burst) {
            now += std::chrono::milliseconds(rng.below(600));
            std::string bytes;
            for (std::uint64_t i = rng.below(12); i > 0; --i) bytes += alphabet[rng.below(alphabet.size())];
            whole.feed(as_bytes(bytes), now, from_whole);
            const std::size_t cut = rng.below(bytes.size() + 1);
            split.on_timeout(now, from_split);
            split.feed(as_bytes(bytes).first(cut), now, from_split);
            split.feed(as_bytes(bytes).subspan(cut), now, from_split);
            for (const char byte : bytes) bytewise.feed(as_bytes({&byte, 1}), now, from_bytes);
        }
        for (auto [framer, out] :
             {std::pair{&whole, &from_whole}, {&split, &from_split}, {&bytewise, &from_bytes}}) {
            framer->end_of_input(*out);
        }
        // A quiet time that only the end of input reveals is the same request by another name.
        for (auto* out : {&from_whole, &from_split, &from_bytes}) {
            for (FramedRequest& request : *out) {
                if (request.ended_by == EndedBy::end_of_input) request.ended_by = EndedBy::quiet;
            }
        }
        ASSERT_EQ(from_whole, from_split);
        ASSERT_EQ(from_whole, from_bytes);
    }
}

}  // namespace
}  // namespace spate::classic
