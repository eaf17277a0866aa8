#include "apps/settings_file.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace spate::apps {
namespace {

using ::testing::StartsWith;

// A program with one command, as spate has many.
class SettingsFile : public testing::Test {
  protected:
    void SetUp() override {
        auto* get = app_.add_subcommand("get");
        get->add_option("--limit", limit_);
        get->add_option("--listen", listen_);
        get->add_option("--part", part_)->check(CLI::Range(1, 9).description(""));
        auto* json = get->add_flag("--json", json_);
        get->add_flag("--quiet", quiet_)->excludes(json);
        get->add_flag("--lag", lag_)->needs(json);
        get->add_option("--tracker", tracker_)->envname("SPATE_TEST_TRACKER");
        app_.add_subcommand("list");
        app_.require_subcommand(1);
        add_settings_file(app_);
    }
    void TearDown() override {
        ::unsetenv("SPATE_TEST_TRACKER");
        ::unsetenv("XDG_CONFIG_HOME");
        std::filesystem::remove_all(path_);
        std::filesystem::remove_all(home_);
    }

    // The refusal's words; nothing when all went well.
    std::string parse(const std::string& settings, const std::string& arguments) {
        std::ofstream(path_) << settings;
        return parse("--config " + path_.string() + " " + arguments);
    }
    std::string parse(const std::string& line) {
        try {
            app_.parse(line);
        } catch (const CLI::ParseError& error) {
            return error.what();
        }
        return {};
    }

    std::string at_line(int line) const {
        return "settings file " + path_.string() + ", line " + std::to_string(line) + ": ";
    }

    // Where it is by default, in a folder of the test's.
    std::filesystem::path default_place() {
        ::setenv("XDG_CONFIG_HOME", home_.c_str(), 1);
        std::filesystem::create_directories(home_ / "spate");
        return home_ / "spate/spate.toml";
    }

    std::filesystem::path path_ = testing::TempDir() + "spate-settings-test.toml";
    std::filesystem::path home_ = testing::TempDir() + "spate-settings-test-home";
    CLI::App app_;
    int limit_ = 1;
    int part_ = 1;
    std::vector<std::string> listen_;
    std::string tracker_ = "default";
    bool json_ = false;
    bool quiet_ = false;
    bool lag_ = false;
};

TEST_F(SettingsFile, GivesOptionsTheirValues) {
    ASSERT_EQ(parse("[get]\nlimit = 7\njson = true\nlisten = ['a', 'b']\n", "get"), "");
    EXPECT_EQ(limit_, 7);
    EXPECT_TRUE(json_);
    EXPECT_EQ(listen_, (std::vector<std::string>{"a", "b"}));
}

TEST_F(SettingsFile, TheCommandLineWins) {
    ASSERT_EQ(parse("[get]\nlimit = 7\nlisten = ['a']\n", "get --limit 8 --listen c"), "");
    EXPECT_EQ(limit_, 8);
    EXPECT_EQ(listen_, std::vector<std::string>{"c"});
}

TEST_F(SettingsFile, TheCommandLineWinsOverWhatCannotStandBesideIt) {
    ASSERT_EQ(parse("[get]\njson = true\nlag = true\n", "get --quiet"), "");
    EXPECT_TRUE(quiet_);
    EXPECT_FALSE(json_);
    EXPECT_FALSE(lag_);
    ASSERT_EQ(parse("[get]\nquiet = true\n", "get --json"), "");
    EXPECT_TRUE(json_);
}

TEST_F(SettingsFile, SettingsThatContradictEachOtherAreRefused) {
    EXPECT_EQ(parse("[get]\njson = true\nquiet = true\n", "get"),
              at_line(3) + "[get] quiet: it cannot stand beside --json");
}

TEST_F(SettingsFile, TheEnvironmentWinsOverIt) {
    const std::string settings = "[get]\ntracker = 'setting'\n";
    ASSERT_EQ(parse(settings, "get"), "");
    EXPECT_EQ(tracker_, "setting");
    ::setenv("SPATE_TEST_TRACKER", "variable", 1);
    ASSERT_EQ(parse(settings, "get"), "");
    EXPECT_EQ(tracker_, "variable");
    ASSERT_EQ(parse(settings, "get --tracker word"), "");
    EXPECT_EQ(tracker_, "word");
}

TEST_F(SettingsFile, WhatNoCommandKnowsIsRefusedWithItsPlace) {
    EXPECT_EQ(parse("[get]\nlimit = 7\nlimt = 8\n", "get"),
              at_line(3) + "[get] limt: there is no such option; 'spate get --help' lists them");
    EXPECT_EQ(parse("\n[fetch]\nlimit = 7\n", "get"), at_line(2) + "there is no command 'fetch'");
    EXPECT_EQ(parse("limit = 7\n", "get"),
              at_line(1) + "'limit' stands outside a command's table; write it below [COMMAND]");
    EXPECT_EQ(parse("[get]\nhelp = true\n", "get"),
              at_line(2) + "[get] help: there is no such option; 'spate get --help' lists them");
}

TEST_F(SettingsFile, BrokenTomlAndWrongValuesAreRefusedWithTheirPlace) {
    EXPECT_THAT(parse("[get\n", "get"), StartsWith(at_line(1)));
    EXPECT_EQ(parse("[get]\nlimit = 2020-01-01\n", "get"),
              at_line(2) + "[get] limit: it must be a text, a number, true or false");
    EXPECT_EQ(parse("[get]\nlimit = 'many'\n", "get"),
              at_line(2) + "[get] limit: 'many' cannot be read as INT");
    EXPECT_EQ(parse("[get]\npart = 12\n", "get"), at_line(2) + "[get] part: Value 12 not in range 1 to 9");
    EXPECT_EQ(parse("[get]\njson = 'maybe'\n", "get"), at_line(2) + "[get] json: it must be true or false");
}

TEST_F(SettingsFile, EachCommandJudgesItsOwnTable) {
    const std::string wrong = "[get]\nlimit = 'many'\nlimt = 8\n";
    EXPECT_EQ(parse(wrong, "list"), "");
    EXPECT_NE(parse(wrong, "get"), "");
}

TEST_F(SettingsFile, WhoAsksForHelpGetsIt) {
    std::ofstream(path_) << "[get]\nlimit = 'many'\n";
    EXPECT_THROW(app_.parse("--config " + path_.string() + " get --help"), CLI::CallForHelp);
}

TEST_F(SettingsFile, AFlagThatIsFalseIsNotGiven) {
    ASSERT_EQ(parse("[get]\njson = false\n", "get --quiet"), "");
    EXPECT_FALSE(json_);
}

TEST_F(SettingsFile, ItMayBeNamedBehindTheCommand) {
    std::ofstream(path_) << "[get]\nlimit = 7\n";
    EXPECT_EQ(parse("get --config " + path_.string()), "");
    EXPECT_EQ(limit_, 7);
}

TEST_F(SettingsFile, AMissingFileIsRefusedIfItWasNamed) {
    EXPECT_EQ(parse("--config /no/such/file.toml get"),
              "settings file /no/such/file.toml: No such file or directory");
    default_place();
    EXPECT_EQ(parse("get"), "");
}

TEST_F(SettingsFile, OneThatIsThereAndCannotBeReadIsRefused) {
    const auto place = default_place();
    std::ofstream(place) << "[get]\nlimit = 7\n";
    EXPECT_EQ(parse("get"), "");
    EXPECT_EQ(limit_, 7);
    std::filesystem::remove(place);
    std::filesystem::create_directory(place);
    EXPECT_EQ(parse("get"),
              "settings file " + place.string() + ": Is a directory; --config /dev/null goes without it");
    std::filesystem::remove(place);
    std::filesystem::create_symlink(place, place);
    EXPECT_THAT(parse("get"), StartsWith("settings file " + place.string() + ": Too many levels"));
    EXPECT_EQ(parse("--config /dev/null get"), "");
}

}  // namespace
}  // namespace spate::apps
