#include "classic/config_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace spate::classic {
namespace {

using testing::HasSubstr;

TEST(ConfigFile, TheThreeFiles) {
    EXPECT_EQ(*parse_tracker_config("3456\n/srv/torrents\n", "sconfig"),
              (TrackerConfig{3456, "/srv/torrents"}));
    EXPECT_EQ(*parse_server_config("6361\nshared\n", "s"), (ServerConfig{6361, "shared"}));
    EXPECT_EQ(*parse_client_config("3456\n127.0.0.1\n900\n", "c"),
              (ClientConfig{3456, "127.0.0.1", std::chrono::seconds{900}}));
}

TEST(ConfigFile, CommentsBlanksAndLineEnds) {
    const TrackerConfig wanted{3456, "my folder#1"};
    for (const std::string text :
         {"# the tracker\n3456\n\n#folder\nmy folder#1", "3456 # port\r\n  my folder#1\t# where\r\n",
          "\t3456\t\n\n\nmy folder#1\n# end", "#\n#\n3456\nmy folder#1 #"}) {
        const auto config = parse_tracker_config(text, "sconfig");
        ASSERT_TRUE(config) << text << config.error().message();
        EXPECT_EQ(*config, wanted) << text;
    }
}

TEST(ConfigFile, ErrorsNameFileLineAndWhatIsWrong) {
    struct Row {
        std::string text;
        std::string message;
    };
    const std::vector<Row> rows{
        {"", "cfg line 1: missing: the tracker's port"},
        {"# c\n3456\n", "cfg line 3: missing: the tracker's address"},
        {"3456\nh\n", "cfg line 3: missing: the update interval"},
        {"0\nh\n9\n", "cfg line 1: a port from 1 to 65535 expected, not \"0\""},
        {"65536\nh\n9\n", "cfg line 1: a port"},
        {"port\nh\n9\n", "cfg line 1: a port from 1 to 65535 expected, not \"port\""},
        {"3456\n#c\na b\n9\n", "cfg line 3: an address or a host name expected"},
        {"3456\nh\n0\n", "cfg line 3: an interval from 1 to 86400"},
        {"3456\nh\n86401\n", "cfg line 3: an interval"},
        {"3456\nh\n-1\n", "cfg line 3: an interval"},
        {"3456\nh\n9\nmore\n", "cfg line 4: nothing more expected: more"},
        {"3456\nh\x01\n9\n", "cfg line 2: control byte"},
        {std::string(64 * 1024 + 1, '#'), "longer than 64 KiB"},
    };
    for (const Row& row : rows) {
        const auto config = parse_client_config(row.text, "cfg");
        ASSERT_FALSE(config) << row.message;
        EXPECT_THAT(config.error().message(), HasSubstr(row.message));
    }
    EXPECT_TRUE(parse_client_config("1\n[::1]\n86400\n" + std::string(1000, '#'), "cfg"));
    EXPECT_THAT(parse_server_config("6361", "s").error().message(), HasSubstr("missing: the shared folder"));
}

}  // namespace
}  // namespace spate::classic
