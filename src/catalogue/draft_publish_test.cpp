// The rules of published entries (docs/protocols/catalogue.md).
#include <gtest/gtest.h>

#include "catalogue/draft_fixture.h"

namespace spate::catalogue {
namespace {

using enum catalogue_protocol::PublishResult;

TEST(Publish, OneNameIsOneContent) {
    Tracker tracker;
    EXPECT_EQ(tracker.publish(publication_of("f", 'a')), created);
    EXPECT_EQ(tracker.publish(publication_of("f", 'a', 2)), joined);
    EXPECT_EQ(tracker.publish(publication_of("f", 'b', 2)), name_taken);
    EXPECT_EQ(tracker.catalogue.find("f")->published->publisher[0], 1);
    EXPECT_EQ(tracker.create(create_of("f")), Answer::ferr);
}

TEST(Publish, ThePublisherReplacesAndRemovesWithGrowingSequences) {
    Tracker tracker;
    EXPECT_EQ(tracker.publish(publication_of("f", 'a', 1, 5)), created);
    tracker.update("f", 0, 1000);
    EXPECT_EQ(tracker.publish(publication_of("f", 'b', 1, 5)), old_sequence);
    EXPECT_EQ(tracker.publish(publication_of("f", 'a', 1, 6)), unchanged);
    EXPECT_EQ(tracker.ranges("f").size(), 1U);
    EXPECT_EQ(tracker.publish(publication_of("f", 'b', 1, 6)), old_sequence);
    EXPECT_EQ(tracker.publish(publication_of("f", 'b', 1, 7)), replaced);
    EXPECT_TRUE(tracker.ranges("f").empty());  // they were about other bytes
    EXPECT_EQ(tracker.remove("f", 8, 2), other_publisher);
    EXPECT_EQ(tracker.remove("f", 7), old_sequence);
    EXPECT_EQ(tracker.remove("f", 8), removed);
    EXPECT_EQ(tracker.catalogue.find("f"), nullptr);
    EXPECT_EQ(tracker.remove("f", 9), not_found);
    EXPECT_EQ(tracker.publish(publication_of("f", 'b', 1, 8)), old_sequence);  // somebody kept the request
    EXPECT_EQ(tracker.publish(publication_of("f", 'c', 2, 1)), created);       // the name is free
    EXPECT_EQ(tracker.catalogue.metainfo_bytes(), publication_of("f", 'c').metainfo->size());
}

TEST(Publish, ADescriptionStaysUntilAnotherIsGiven) {
    Tracker tracker;
    const auto say = [&](std::optional<std::string> text, char content, std::uint64_t sequence) {
        auto publication = publication_of("f", content, 1, sequence);
        publication.description = std::move(text);
        return tracker.publish(publication);
    };
    EXPECT_EQ(say("a picture", 'a', 1), created);
    EXPECT_EQ(say(std::nullopt, 'a', 2), unchanged);
    EXPECT_EQ(say(std::nullopt, 'b', 3), replaced);
    EXPECT_EQ(tracker.catalogue.find("f")->description, "a picture");
    EXPECT_EQ(say("", 'b', 4), replaced);
    EXPECT_EQ(tracker.catalogue.find("f")->description, "");
}

TEST(Publish, RemovedNamesAreRememberedUpToTheirCap) {
    Tracker tracker;
    tracker.limits.removed_names = 2;
    for (const auto* name : {"a", "b", "c"}) {
        tracker.publish(publication_of(name, 'a', 1, 5));
        tracker.remove(name, 6);
    }
    EXPECT_EQ(tracker.catalogue.removed().count(), 2U);
    EXPECT_EQ(tracker.publish(publication_of("b", 'a', 1, 6)), old_sequence);
    // What was forgotten cannot be brought back either.
    EXPECT_EQ(tracker.publish(publication_of("a", 'a', 1, 6)), old_sequence);
    EXPECT_EQ(tracker.publish(publication_of("new", 'a', 3, 6)), old_sequence);
    EXPECT_EQ(tracker.publish(publication_of("a", 'a', 1, 7)), created);
}

TEST(Publish, NobodyRaisesTheSequencesOfOthersBeyondTheirClocks) {
    Tracker tracker;
    const std::uint64_t now = 1000 * 1'000'000, day = 86'400'000'000;
    EXPECT_EQ(tracker.publish(publication_of("f", 'a', 1, INT64_MAX)), old_sequence);
    EXPECT_EQ(tracker.publish(publication_of("f", 'a', 1, now + day + 1)), old_sequence);
    const auto outcome = tracker.change(
        [&](Draft& draft) { return draft.publish(publication_of("f", 'a', 1, now + day + 1), alice); });
    EXPECT_EQ(outcome.last_sequence, now);  // a client signs above it
    EXPECT_EQ(tracker.publish(publication_of("f", 'a', 1, now + day)), created);
    EXPECT_EQ(tracker.remove("f", INT64_MAX), old_sequence);
    EXPECT_EQ(tracker.remove("f", now + day + 1), removed);  // the very next one goes on
}

TEST(Publish, WithinOneBatch) {
    Tracker tracker;
    tracker.change([](Draft& draft) {
        EXPECT_EQ(draft.publish(publication_of("f", 'a', 1, 1), alice).published, created);
        EXPECT_EQ(draft.publish(publication_of("f", 'b', 1, 2), alice).published, replaced);
        EXPECT_EQ(draft.remove({"f", publication_of("f", 'a').publisher, 3}).published, removed);
        EXPECT_EQ(draft.publish(publication_of("f", 'a', 1, 3), alice).published, old_sequence);
        EXPECT_EQ(draft.create(create_of("f"), alice, Verification::unchecked).answer, Answer::succ);
        return draft.publish(publication_of("f", 'a', 1, 4), alice);
    });
    ASSERT_NE(tracker.catalogue.find("f"), nullptr);
    EXPECT_TRUE(tracker.catalogue.find("f")->published->over_classic);
    EXPECT_EQ(tracker.catalogue.entries_of(alice), 1U);
    EXPECT_EQ(tracker.catalogue.peer_count(), 1U);
}

TEST(Publish, OverAClassicEntryOfTheSameFile) {
    Tracker tracker;
    tracker.create(create_of("f"));  // 1000 bytes, its MD5 all 'a'
    EXPECT_EQ(tracker.publish(publication_of("f", 'b')), name_taken);
    EXPECT_EQ(tracker.publish(publication_of("f", 'a')), created);
    EXPECT_EQ(tracker.publish(publication_of("f", 'b', 1, 2)), name_taken);  // not even its publisher
    EXPECT_EQ(tracker.remove("f", 3), removed);
    ASSERT_NE(tracker.catalogue.find("f"), nullptr);  // what the classic creator made
    EXPECT_EQ(tracker.catalogue.find("f")->published, nullptr);
    EXPECT_EQ(tracker.ranges("f").size(), 1U);
}

TEST(Publish, TheCapsHold) {
    Tracker tracker;
    const auto one = publication_of("a", 'a').metainfo->size();
    tracker.limits.metainfo_bytes = 3 * one;
    tracker.limits.metainfo_bytes_per_source = 2 * one;
    EXPECT_EQ(tracker.publish(publication_of("a", 'a')), created);
    EXPECT_EQ(tracker.publish(publication_of("b", 'a')), created);
    EXPECT_EQ(tracker.publish(publication_of("c", 'a')), full);
    EXPECT_EQ(tracker.publish(publication_of("b", 'b', 1, 2)), replaced);  // its own bytes make room
    EXPECT_EQ(tracker.publish(publication_of("c", 'a'), bob), created);
    EXPECT_EQ(tracker.publish(publication_of("d", 'a'), bob), full);
    EXPECT_EQ(tracker.remove("a", 2), removed);
    EXPECT_EQ(tracker.publish(publication_of("d", 'a'), bob), created);
    tracker.limits.metainfo_bytes_per_entry = one - 1;
    EXPECT_EQ(tracker.publish(publication_of("e", 'a'), bob), too_large);
    tracker.limits = {};
    tracker.limits.entries_per_source = 2;
    EXPECT_EQ(tracker.publish(publication_of("e", 'a'), bob), full);
}

TEST(Publish, WhatIsNoNameOrNoLineIsRefused) {
    Tracker tracker;
    for (const auto* name : {"", "..", "a/b", "a b", "a\n", "a\xff", "gpj\u202eexe", "a\u200f", "a\u2066"}) {
        EXPECT_EQ(tracker.publish(publication_of(name, 'a')), bad_request) << name;
    }
    auto two_lines = publication_of("f", 'a');
    two_lines.description = "a\nb";
    EXPECT_EQ(tracker.publish(two_lines), bad_request);
    EXPECT_TRUE(tracker.catalogue.entries().empty());
}

TEST(Judge, IsAboutThisMetainfoOnly) {
    Tracker tracker;
    const auto first = publication_of("f", 'a', 1, 1);
    const auto judge = [&](Judgement judgement) {
        return tracker
            .change([&](Draft& draft) { return draft.judge("f", first.metainfo_digest, judgement); })
            .published;
    };
    tracker.publish(first);
    EXPECT_EQ(judge(Judgement::unverified), replaced);
    EXPECT_EQ(tracker.catalogue.find("f")->verification, Verification::unverified);
    EXPECT_EQ(judge(Judgement::verified), replaced);
    EXPECT_EQ(judge(Judgement::refused), unchanged);  // who showed it once has it
    EXPECT_EQ(tracker.catalogue.find("f")->verification, Verification::verified);
    tracker.publish(publication_of("f", 'b', 1, 2));
    EXPECT_EQ(tracker.catalogue.find("f")->verification, Verification::unchecked);
    EXPECT_EQ(judge(Judgement::refused), not_found);
    EXPECT_NE(tracker.catalogue.find("f"), nullptr);
    tracker.publish(publication_of("f", 'a', 1, 3));
    EXPECT_EQ(judge(Judgement::refused), removed);
    EXPECT_EQ(tracker.catalogue.find("f"), nullptr);
}

TEST(Publish, WithoutMd5TheClassicProtocolSeesNothing) {
    Tracker tracker;
    auto folder = publication_of("f", 'a');
    folder.md5.clear();
    tracker.publish(folder);
    EXPECT_EQ(tracker.catalogue.classic_count(), 0U);
    EXPECT_EQ(tracker.update("f", 0, 10), Answer::ferr);
    EXPECT_EQ(tracker.create(create_of("f")), Answer::ferr);
}

}  // namespace
}  // namespace spate::catalogue
