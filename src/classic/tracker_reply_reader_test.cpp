#include "classic/tracker_reply_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace spate::classic {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(StatusReply, InEveryDress) {
    using Verb = StatusReply::Verb;
    struct Row {
        std::string line;
        StatusReply reply;
    };
    const std::vector<Row> rows{
        {"<createtracker succ>", {Verb::create, "", Outcome::succ}},
        {"<createtracker ferr >\r", {Verb::create, "", Outcome::ferr}},
        {"CREATETRACKER FAIL", {Verb::create, "", Outcome::fail}},
        {"<updatetracker f.jpg succ>", {Verb::update, "f.jpg", Outcome::succ}},
        {"<updatetracker f.jpg ferr>", {Verb::update, "f.jpg", Outcome::ferr}},
        {"<updatetracker fail>", {Verb::update, "", Outcome::fail}},
    };
    for (const Row& row : rows) {
        const auto reply = parse_status_reply(row.line);
        ASSERT_TRUE(reply) << row.line;
        EXPECT_EQ(*reply, row.reply) << row.line;
    }
}

TEST(StatusReply, AnythingElseIsAnErrorThatShowsIt) {
    for (const std::string line : {"", "<createtracker>", "<createtracker maybe>", "<createtracker f succ>",
                                   "<updatetracker>", "<updatetracker a b succ>", "<GET invalid>", "succ"}) {
        EXPECT_FALSE(parse_status_reply(line)) << line;
    }
    EXPECT_THAT(parse_status_reply("<no\x1b!>").error().message(), HasSubstr("<no\\x1b!>"));
}

// Fed at once and byte by byte, which must agree.
ListReplyReader read_list(const std::string& text, ListReplyLimits limits = {}) {
    ListReplyReader at_once(limits);
    ListReplyReader bytewise(limits);
    at_once.feed(as_bytes(text));
    at_once.end_of_input();
    for (const char byte : text) bytewise.feed(as_bytes({&byte, 1}));
    bytewise.end_of_input();
    EXPECT_EQ(at_once.state(), bytewise.state());
    EXPECT_EQ(at_once.detail(), bytewise.detail());
    EXPECT_EQ(at_once.entries(), bytewise.entries());
    EXPECT_EQ(at_once.claimed(), bytewise.claimed());
    EXPECT_EQ(at_once.skipped(), bytewise.skipped());
    EXPECT_EQ(at_once.first_skipped(), bytewise.first_skipped());
    return at_once;
}

TEST(ListReplyReader, OurOwnReply) {
    const std::vector<ListEntry> entries{{"a", 0, "m"}, {"b.jpg", 9223372036854775807, "n"}};
    const auto reader = read_list(write_list_reply(entries));
    EXPECT_EQ(reader.state(), ReadState::complete);
    EXPECT_EQ(reader.entries(), entries);
    EXPECT_EQ(reader.claimed(), 2u);
    EXPECT_EQ(reader.skipped(), 0u);
    EXPECT_EQ(read_list(write_list_reply({})).state(), ReadState::complete);
}

TEST(ListReplyReader, IsCompleteWithoutTheEndOfInput) {
    ListReplyReader reader;
    EXPECT_EQ(reader.feed(as_bytes("<REP LIST 0>\n<REP LIST EN")), ReadState::reading);
    EXPECT_EQ(reader.feed(as_bytes("D>")), ReadState::complete);
    EXPECT_EQ(reader.feed(as_bytes("<1 a 1 m>\n")), ReadState::complete);
    EXPECT_TRUE(reader.entries().empty());
}

TEST(ListReplyReader, OtherTrackersDresses) {
    for (const std::string text :
         {"<REP LIST 1>\r\n<1 f 5 AB>\r\n<REP LIST END>\r\n", "<rep list 1 ><1 f 5 ab ><rep list end >",
          "REP LIST 1\n1 f 5 ab\nREP LIST END", "\n<REP LIST>\n\n<1 f 5 ab>\n\n<REP LIST END>"}) {
        const auto reader = read_list(text);
        EXPECT_EQ(reader.state(), ReadState::complete) << text;
        EXPECT_THAT(reader.entries(), ElementsAre(ListEntry{"f", 5, "ab"})) << text;
    }
    EXPECT_THAT(read_list("<REP LIST 1>\n<1 f 5>\n<REP LIST END>").entries(),
                ElementsAre(ListEntry{"f", 5, ""}));
}

TEST(ListReplyReader, ATrackerThatLies) {
    const auto fewer = read_list("<REP LIST 1000000000000>\n<1 f 5 ab>\n<REP LIST END>\n");
    EXPECT_EQ(fewer.state(), ReadState::complete);
    EXPECT_EQ(fewer.claimed(), 1000000000000u);
    EXPECT_EQ(fewer.entries().size(), 1u);
    EXPECT_EQ(read_list("<REP LIST 1>\n<1 a 5 ab>\n<2 b 5 ab>\n<REP LIST END>\n").entries().size(), 2u);
    EXPECT_EQ(read_list("<REP LIST 99999999999999999999>\n<REP LIST END>\n").state(), ReadState::failed);
    EXPECT_EQ(read_list("<REP LIST -1>\n<REP LIST END>\n").state(), ReadState::failed);
    const auto cut = read_list("<REP LIST 2>\n<1 a 5 ab>\n");
    EXPECT_EQ(cut.state(), ReadState::failed);
    EXPECT_THAT(cut.detail(), HasSubstr("before its END"));
    EXPECT_EQ(cut.entries().size(), 1u);
    EXPECT_EQ(read_list("").state(), ReadState::failed);
}

TEST(ListReplyReader, LinesThatAreNoEntryAreSkippedAndSaid) {
    for (const std::string line :
         {"<1 ../x 5 ab>", "<1 a/b 5 ab>", "<1 a -5 ab>", "<1 a 9223372036854775808 ab>", "<x a 5 ab>",
          "<1 a>", "hello", "<1 my file 5 ab>", "<1 a\x01 5 ab>"}) {
        const auto reader = read_list("<REP LIST 2>\n" + line + "\n<2 b 5 ab>\n<REP LIST END>\n");
        EXPECT_EQ(reader.state(), ReadState::complete) << line;
        EXPECT_EQ(reader.entries().size(), 1u) << line;
        EXPECT_EQ(reader.skipped(), 1u) << line;
        EXPECT_NE(reader.first_skipped(), "") << line;
        EXPECT_EQ(reader.first_skipped().find('\x01'), std::string::npos);
    }
}

TEST(ListReplyReader, LimitsOnBothSides) {
    const std::string two = "<REP LIST 2>\n<1 a 5 ab>\n<x>\n<REP LIST END>\n";
    EXPECT_EQ(read_list(two, {.entries_max = 2}).state(), ReadState::complete);
    EXPECT_EQ(read_list(two, {.entries_max = 1}).state(), ReadState::failed);
    EXPECT_EQ(read_list(two, {.bytes_max = two.size()}).state(), ReadState::complete);
    EXPECT_EQ(read_list(two, {.bytes_max = two.size() - 3}).state(), ReadState::failed);
    EXPECT_EQ(read_list("<REP LIST 1>\n" + std::string(10'000, 'x')).state(), ReadState::failed);
    EXPECT_EQ(read_list(std::string(100, '\n'), {.bytes_max = 50}).state(), ReadState::failed);
}

TEST(ListReplyReader, ARefusalIsShown) {
    const auto reader = read_list("<GET invalid>\n");
    EXPECT_EQ(reader.state(), ReadState::refused);
    EXPECT_EQ(reader.detail(), "GET invalid");
    EXPECT_EQ(read_list("Requesting Files...").state(), ReadState::refused);
}

}  // namespace
}  // namespace spate::classic
