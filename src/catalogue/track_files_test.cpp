#include "catalogue/track_files.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>

#include "catalogue/test_fixture.h"
#include "classic/tracker_file.h"

namespace spate::catalogue {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

struct TrackFilesTest : ServiceFixture {};

TEST_F(TrackFilesTest, FollowTheState) {
    create("a");
    pool.settle();
    reactor.advance(TrackFiles::turn);
    pool.settle();
    EXPECT_THAT(file("a.track"), StartsWith("Filename: a\nFilesize: 1000\n"));
    update("a", 0, 10);
    pool.settle();
    EXPECT_THAT(file("a.track"), HasSubstr(":0:1000:"));  // not yet: changes are gathered
    reactor.advance(TrackFiles::turn);
    pool.settle();
    EXPECT_THAT(file("a.track"), HasSubstr(":0:10:"));
    EXPECT_THAT(*service->get_reply("a"), HasSubstr(file("a.track")));
}

TEST_F(TrackFilesTest, BrokenTrackFilesAreReplacedAndNeverRead) {
    create("a");
    create("b");
    pool.settle();
    reactor.advance(TrackFiles::turn);
    pool.settle();
    const auto good = file("a.track");
    const std::string lie = "Filename: a\nFilesize: 1\nMD5: 0\n";
    disk.put("/t/a.track", {lie.begin(), lie.end()});
    disk.put("/t/b.track", {});
    disk.put("/t/c.track", {'x'});
    disk.put("/t/b.track.new~", {'h', 'a', 'l', 'f'});
    reopen();
    EXPECT_EQ(service->find("a")->size, 1000U);
    EXPECT_EQ(service->find("c"), nullptr);
    reactor.advance(TrackFiles::turn);
    pool.settle();
    EXPECT_EQ(file("a.track"), good);
    EXPECT_THAT(file("b.track"), StartsWith("Filename: b\n"));
    EXPECT_EQ(file("c.track"), "x");  // somebody's own
    EXPECT_FALSE(disk.exists("/t/b.track.new~"));
}

TEST_F(TrackFilesTest, AreWrittenABoundedNumberAtATime) {
    for (std::size_t i = 0; i < TrackFiles::files_per_turn + 10; ++i) create("n" + std::to_string(i));
    limits.entries_per_source = 100'000;
    pool.settle();
    const auto count = [&] {
        return std::ranges::count_if(disk.names(),
                                     [](const std::string& name) { return name.ends_with(".track"); });
    };
    reactor.advance(TrackFiles::turn);
    pool.settle();
    EXPECT_EQ(count(), static_cast<std::ptrdiff_t>(TrackFiles::files_per_turn));
    reactor.advance(TrackFiles::turn);
    pool.settle();
    EXPECT_EQ(count(), static_cast<std::ptrdiff_t>(TrackFiles::files_per_turn + 10));
}

TEST_F(TrackFilesTest, ThatFailAreTriedAgain) {
    disk.fault = [](const std::string& operation, const std::string& path) {
        return operation == "write" && path.ends_with(".new~") ? ENOSPC : 0;
    };
    create("a");
    pool.settle();
    EXPECT_THAT(answers(), ElementsAre(Answer::succ));  // the view is not the state
    reactor.advance(TrackFiles::turn);
    pool.settle();
    EXPECT_FALSE(disk.exists("/t/a.track"));
    disk.fault = {};
    reactor.advance(TrackFiles::retry_pause);
    pool.settle();
    EXPECT_TRUE(disk.exists("/t/a.track"));
}

TEST_F(TrackFilesTest, BareTrackFileHasTheSpecificationsForm) {
    service->bare_tracker(Address::loopback(), note());
    pool.settle();
    reactor.advance(TrackFiles::turn);
    pool.settle();
    const auto parsed = classic::parse_tracker_file(file("picture-wallpaper.track"));
    ASSERT_TRUE(parsed) << parsed.error().message();
    EXPECT_EQ(parsed->name, "picture-wallpaper.jpg");
    EXPECT_EQ(parsed->size, 0U);
    EXPECT_EQ(parsed->skipped_lines, 0U);
    create("picture-wallpaper");  // has the better claim
    pool.settle();
    service->bare_tracker(Address::loopback(), note());
    pool.settle();
    reactor.advance(TrackFiles::turn);
    pool.settle();
    EXPECT_THAT(file("picture-wallpaper.track"), StartsWith("Filename: picture-wallpaper\n"));
}

TEST(TrackFileName, IsNobodyElses) {
    EXPECT_EQ(track_file_name("a.jpg"), "a.jpg.track");
    EXPECT_EQ(track_file_name(std::string(249, 'a')), std::string(249, 'a') + ".track");
    std::map<std::string, std::string> seen;
    for (std::size_t length = 245; length <= 255; ++length) {
        for (const char c : {'a', 'b', '\xff'}) {
            const std::string name(length, c);
            const auto file = track_file_name(name);
            EXPECT_LE(file.size(), 255U);
            EXPECT_TRUE(seen.emplace(file, name).second) << file;
            EXPECT_EQ(file.ends_with(".track"), length <= 249);
        }
    }
}

}  // namespace
}  // namespace spate::catalogue
