#include "apps/source_text.h"

#include <gtest/gtest.h>

namespace spate::apps {
namespace {

const HostPort home{"tracker.example", 3456};

TEST(SourceText, ANameIsAnEntryOfTheTracker) {
    const auto source = parse_source("image.iso", home, true);  // a file of that name was fetched before
    ASSERT_TRUE(source);
    const auto* entry = std::get_if<EntrySource>(&*source);
    ASSERT_NE(entry, nullptr);
    EXPECT_EQ(entry->tracker, home);
    EXPECT_EQ(entry->name, "image.iso");
}

TEST(SourceText, AHostBeforeTheNameIsAnotherTracker) {
    const auto source = parse_source("[::1]:99/image.iso", home, false);
    ASSERT_TRUE(source);
    const auto* entry = std::get_if<EntrySource>(&*source);
    ASSERT_NE(entry, nullptr);
    EXPECT_EQ(entry->tracker, (HostPort{"::1", 99}));
    EXPECT_EQ(entry->name, "image.iso");
    EXPECT_EQ(std::get<EntrySource>(*parse_source("other/x", home, false)).tracker,
              (HostPort{"other", 3456}));
}

TEST(SourceText, PathsAreFiles) {
    EXPECT_TRUE(std::holds_alternative<FileSource>(*parse_source("a.torrent", home, true)));
    EXPECT_TRUE(std::holds_alternative<FileSource>(*parse_source("/tmp/x", home, false)));
    EXPECT_TRUE(std::holds_alternative<FileSource>(*parse_source("./x", home, false)));
    const auto missing = *parse_source("a.torrent", home, false);
    EXPECT_EQ(std::get<EntrySource>(missing).missing_file, "a.torrent");
    EXPECT_EQ(std::get<EntrySource>(*parse_source("d/a.torrent", home, false)).missing_file, "d/a.torrent");
    EXPECT_EQ(std::get<EntrySource>(*parse_source("a.iso", home, false)).missing_file, "");
}

TEST(SourceText, NamesAreThoseThatEntriesMayHave) {
    const auto name = [](const char* text) {
        return std::get<EntrySource>(*parse_source(text, home, false)).name;
    };
    EXPECT_EQ(name("summer photos"), "summer_photos");
    EXPECT_EQ(name("host/a b"), "a_b");
    EXPECT_EQ(name("photos/"), "photos");
    EXPECT_EQ(name("a<b>..c"), "ab.c");
    for (const char* none : {".", "<>", "host/<>"}) EXPECT_FALSE(parse_source(none, home, false)) << none;
}

TEST(SourceText, LinksAreWhatTheirSchemeSays) {
    EXPECT_TRUE(std::holds_alternative<http::Url>(*parse_source("http://h/a.torrent", home, false)));
    EXPECT_TRUE(std::holds_alternative<http::Url>(*parse_source("https://h/a.torrent", home, false)));
    EXPECT_TRUE(std::holds_alternative<metainfo::Magnet>(
        *parse_source("magnet:?xt=urn:btih:0123456789012345678901234567890123456789", home, false)));
}

TEST(SourceText, WhatIsNoneOfTheseIsRefused) {
    for (const char* wrong : {"", "a/b/c", "host:0/x", "magnet:?xt=1", "ftp://h/a", "udp://h:1/a"})
        EXPECT_FALSE(parse_source(wrong, home, false)) << wrong;
}

TEST(SourceText, OfAMagnetLinkItIsSaidWhatIsWrongWithIt) {
    const auto said = [](const char* link) { return parse_magnet_link(link).error().message(); };
    EXPECT_EQ(said("magnet:"), "read magnet link magnet:: does not start with magnet:?");
    EXPECT_EQ(said("magnet:?xt=urn:btih:zz"),
              "read magnet link magnet:?xt=urn:btih:zz: xt: 'zz' is no v1 info-hash");
}

}  // namespace
}  // namespace spate::apps
