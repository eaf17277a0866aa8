#include "apps/name_check.h"

namespace spate::apps {
namespace {

using catalogue_protocol::ListedEntry;
using metainfo::TorrentVersion;
using ::testing::HasSubstr;

constexpr hash::PublicKey ours{1};
constexpr hash::PublicKey others{2};

PlannedEntry planned(TorrentVersion version = TorrentVersion::v1) {
    return {.name = "film", .size = 1000, .version = version, .publisher = ours, .replace = false};
}

ListedEntry there(std::uint64_t size) {
    ListedEntry entry;
    entry.name = "film";
    entry.size = size;
    entry.hash.v1.emplace();
    entry.publisher = others;
    return entry;
}

TEST(NameCheck, AnotherSizeIsAnotherContent) {
    const auto refusal = name_refusal(there(999), planned());
    ASSERT_TRUE(refusal);
    EXPECT_TRUE(refusal->is(std::errc::file_exists));
    EXPECT_THAT(refusal->message(), HasSubstr("--name"));
    EXPECT_FALSE(name_refusal(there(1000), planned()));
}

TEST(NameCheck, OurOwnEntryIsReplacedOnlyWhenThatIsSaid) {
    auto entry = there(1);
    entry.publisher = ours;
    auto ask = planned(TorrentVersion::v2);
    EXPECT_THAT(name_refusal(entry, ask).value().message(), HasSubstr("--replace"));
    ask.replace = true;
    EXPECT_FALSE(name_refusal(entry, ask));
}

TEST(NameCheck, WhatIsOursAndTheSameIsSharedAgain) {
    auto entry = there(1000);
    entry.publisher = ours;
    EXPECT_FALSE(name_refusal(entry, planned()));
    EXPECT_FALSE(hashed_refusal(entry, planned(), entry.hash));
    metainfo::InfoHash other;
    other.v1 = hash::Sha1{1};
    const auto refusal = hashed_refusal(entry, planned(), other);
    ASSERT_TRUE(refusal);
    EXPECT_THAT(refusal->message(), HasSubstr("--replace"));
    auto ask = planned();
    ask.replace = true;
    EXPECT_FALSE(hashed_refusal(entry, ask, other));
}

TEST(NameCheck, ATorrentOfAnotherVersionCannotBeJoined) {
    EXPECT_FALSE(name_refusal(there(1000), planned(TorrentVersion::hybrid)));
    const auto refusal = name_refusal(there(1000), planned(TorrentVersion::v2));
    ASSERT_TRUE(refusal);
    EXPECT_THAT(refusal->message(), HasSubstr("--v1"));
}

TEST(NameCheck, NamesThatNoEntryHasAreRefusedWithWhatIsWrong) {
    for (const char* good : {"film", "Summer 2026", "a.b.c", "\xc3\xa4"})
        EXPECT_EQ(check_entry_name(good), "") << good;
    for (const char* bad : {"", ".", "..", "a/b", "a\\b", "a<b", "a\nb", "a..b"})
        EXPECT_THAT(check_entry_name(bad), HasSubstr("without / \\ < >")) << bad;
    EXPECT_NE(check_entry_name(std::string(256, 'x')), "");
    EXPECT_THAT(check_entry_name("b\xfc"),
                HasSubstr("'b\\xfc' cannot be the name of an entry: it is not UTF-8"));
    EXPECT_THAT(check_entry_name("\u202e"), HasSubstr("writing direction"));
}

TEST(NameCheck, WhatNoTrackerTakesIsKnownBeforeItIsHashed) {
    auto ask = planned();
    ask.size = std::uint64_t{10} << 30;
    EXPECT_FALSE(metainfo_refusal(ask, 1000));
    ask.piece_length = 16 << 10;  // 13 MiB of hashes
    const auto small = metainfo_refusal(ask, 1000);
    ASSERT_TRUE(small);
    EXPECT_TRUE(small->is(piece_size_refused));
    EXPECT_THAT(small->message(), HasSubstr("--piece-size 32k or more"));
    ask.piece_length = 2 << 20;
    EXPECT_FALSE(metainfo_refusal(ask, 1000));
    const auto paths = metainfo_refusal(ask, 9 << 20);
    ASSERT_TRUE(paths);
    EXPECT_FALSE(paths->is(piece_size_refused));
}

TEST(NameCheck, AClassicEntryOfThatSizeMayBeTheSameFile) {
    ListedEntry classic;
    classic.size = 1000;
    EXPECT_FALSE(name_refusal(classic, planned()));
    classic.size = 1;
    EXPECT_TRUE(name_refusal(classic, planned()));
}

TEST(NameCheck, WhatToDoIsSaid) {
    const auto advised = [](std::errc code) {
        return share_advice(Error::invalid("ask", "x", "why", code), {"here", 1}).message();
    };
    EXPECT_THAT(advised(std::errc::connection_refused), HasSubstr("spate tracker"));
    EXPECT_THAT(advised(std::errc::bad_message), HasSubstr("classic"));
    EXPECT_THAT(advised(std::errc::permission_denied), Not(HasSubstr("(")));
}

}  // namespace
}  // namespace spate::apps
