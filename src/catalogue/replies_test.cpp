#include "catalogue/replies.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/hex.h"
#include "catalogue/draft.h"
#include "classic/tracker_file.h"
#include "classic/tracker_reply.h"
#include "hash/digest.h"

namespace spate::catalogue {
namespace {

struct RepliesTest : ::testing::Test {
    Limits limits;
    Catalogue catalogue;
    Replies replies{catalogue, limits};
    WallTime now{5000};

    void create(const std::string& name) {
        Draft draft(catalogue, limits, now);
        draft.create({name, 100, "text", std::string(32, 'b'), true, "127.0.0.1", 6361}, Address::loopback(),
                     Verification::unchecked);
        adopt(draft);
    }
    void update(const std::string& name, std::uint16_t port) {
        Draft draft(catalogue, limits, now);
        draft.update({name, 0, 50, "127.0.0.1", port});
        adopt(draft);
    }
    void adopt(Draft& draft) {
        const auto changes = draft.take();
        catalogue.adopt(changes, limits.removed_names);
        replies.forget(changes);
    }
    std::string expected(const std::string& name) {
        const auto file = tracker_file_text(*catalogue.find(name), now, limits.peer_timeout);
        return classic::write_get_reply(file, to_hex(hash::md5(as_bytes(file))));
    }
};

TEST_F(RepliesTest, ListIsTheClassicReplySortedByName) {
    EXPECT_EQ(*replies.list(), classic::write_list_reply({}));
    std::vector<classic::ListEntry> entries;
    for (const std::string name : {"c", "a", "B", "aa", "z.jpg"}) create(name);
    for (const std::string name : {"B", "a", "aa", "c", "z.jpg"})
        entries.push_back({name, 100, std::string(32, 'b')});
    EXPECT_EQ(*replies.list(), classic::write_list_reply(entries));
}

TEST_F(RepliesTest, ListIsMadeOnceUntilAnEntryIsAdded) {
    create("a");
    const auto first = replies.list();
    update("a", 7);
    EXPECT_EQ(replies.list(), first);
    create("b");
    EXPECT_NE(replies.list(), first);
}

TEST_F(RepliesTest, GetFollowsUpdatesAndDeaths) {
    EXPECT_EQ(replies.get("a", now), nullptr);
    create("a");
    const auto first = replies.get("a", now);
    EXPECT_EQ(*first, expected("a"));
    now.unix_seconds += 10;
    EXPECT_EQ(replies.get("a", now), first);
    update("a", 7);
    EXPECT_EQ(*replies.get("a", now), expected("a"));
    EXPECT_THAT(*replies.get("a", now), ::testing::HasSubstr("127.0.0.1:7:0:50:5010"));
    now.unix_seconds = 5901;  // the first one dies without anybody's doing
    EXPECT_EQ(*replies.get("a", now), expected("a"));
    EXPECT_THAT(*replies.get("a", now), ::testing::Not(::testing::HasSubstr(":6361:")));
    now.unix_seconds = 5900;  // the clock is set back
    EXPECT_THAT(*replies.get("a", now), ::testing::HasSubstr(":6361:"));
    EXPECT_NE(*first, expected("a"));
}

TEST_F(RepliesTest, GetIsReadAsWritten) {
    create("a");
    update("a", 7);
    const auto file =
        classic::parse_tracker_file(tracker_file_text(*catalogue.find("a"), now, limits.peer_timeout));
    ASSERT_TRUE(file);
    EXPECT_EQ(file->name, "a");
    EXPECT_EQ(file->size, 100U);
    EXPECT_EQ(file->peers.size(), 2U);
}

TEST_F(RepliesTest, MemoryIsCapped) {
    limits.cached_reply_bytes = 1000;
    for (const std::string name : {"a", "b", "c", "d", "e"}) create(name);
    for (int round = 0; round < 3; ++round) {
        for (const std::string name : {"a", "b", "c", "d", "e"})
            ASSERT_EQ(*replies.get(name, now), expected(name));
    }
    const auto last = replies.get("e", now);
    EXPECT_EQ(replies.get("e", now), last);
    limits.cached_reply_bytes = 10;  // too little for any
    update("e", 9);
    EXPECT_EQ(*replies.get("e", now), expected("e"));
    EXPECT_NE(replies.get("e", now), replies.get("e", now));
}

}  // namespace
}  // namespace spate::catalogue
