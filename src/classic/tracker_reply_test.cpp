#include "classic/tracker_reply.h"

#include <gtest/gtest.h>

namespace spate::classic {
namespace {

TEST(TrackerReply, EveryReplyOfTheSpecification) {
    EXPECT_EQ(write_create_reply(Outcome::succ), "<createtracker succ>\n");
    EXPECT_EQ(write_create_reply(Outcome::ferr), "<createtracker ferr>\n");
    EXPECT_EQ(write_create_reply(Outcome::fail), "<createtracker fail>\n");
    EXPECT_EQ(write_update_reply("f.jpg", Outcome::succ), "<updatetracker f.jpg succ>\n");
    EXPECT_EQ(write_update_reply("f.jpg", Outcome::ferr), "<updatetracker f.jpg ferr>\n");
    EXPECT_EQ(write_update_reply("", Outcome::fail), "<updatetracker fail>\n");
    EXPECT_EQ(write_list_reply({}), "<REP LIST 0>\n<REP LIST END>\n");
    const std::vector<ListEntry> entries{{"a", 1, "m"}, {"b.jpg", 20, "n"}};
    EXPECT_EQ(write_list_reply(entries), "<REP LIST 2>\n<1 a 1 m>\n<2 b.jpg 20 n>\n<REP LIST END>\n");
    EXPECT_EQ(write_get_reply("Filename: a\n", "abc"), "<REP GET BEGIN>\nFilename: a\n<REP GET END abc>\n");
    EXPECT_EQ(write_get_invalid(), "<GET invalid>\n");
}

TEST(TrackerReply, BadRequestsGetTheirVerbsReply) {
    using Verb = BadRequest::Verb;
    EXPECT_EQ(write_bad_request_reply({Verb::create, "f", "r"}), "<createtracker fail>\n");
    EXPECT_EQ(write_bad_request_reply({Verb::update, "f", "r"}), "<updatetracker f fail>\n");
    EXPECT_EQ(write_bad_request_reply({Verb::get, "f", "r"}), "<GET invalid>\n");
    EXPECT_EQ(write_bad_request_reply({Verb::unknown, "", "r"}), "<ERROR unknown command>\n");
    EXPECT_EQ(write_line_too_long(), "<ERROR request too long>\n");
}

TEST(TrackerReply, TheBareDialectHasNoLineEnds) {
    EXPECT_EQ(bare_tracker_reply, "\nTRACKER CREATED/UPDATED");
    EXPECT_EQ(bare_list_waiting_reply, "Requesting Files...");
    EXPECT_EQ(bare_list_ready_reply, "picture-wallpaper.jpg");
    EXPECT_EQ(bare_trackers_before_ready, 5);
}

}  // namespace
}  // namespace spate::classic
