#include "apps/settings_file.h"

#include <CLI/CLI.hpp>
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
        get->add_flag("--quiet")->excludes(json);
        app_.add_subcommand("list");
        app_.require_subcommand(1);
        add_settings_file(app_);
    }
    void TearDown() override { std::filesystem::remove(path_); }

    // The refusal's words; nothing when all went well.
    std::string parse(const std::string& settings, const std::string& arguments) {
        std::ofstream(path_) << settings;
        try {
            app_.parse("--config " + path_.string() + " " + arguments);
        } catch (const CLI::ParseError& error) {
            return error.what();
        }
        return {};
    }

    std::string at_line(int line) const {
        return "settings file " + path_.string() + ", line " + std::to_string(line) + ": ";
    }

    std::filesystem::path path_ = testing::TempDir() + "spate-settings-test.toml";
    CLI::App app_;
    int limit_ = 1;
    int part_ = 1;
    std::vector<std::string> listen_;
    bool json_ = false;
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

TEST_F(SettingsFile, AMissingFileThatWasNamedIsRefused) {
    EXPECT_THROW(app_.parse("--config /no/such/file.toml get"), CLI::ParseError);
}

}  // namespace
}  // namespace spate::apps
