#include "apps/settings_file.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

namespace spate::apps {
namespace {

// A program with one command, as spate has many.
class SettingsFile : public testing::Test {
  protected:
    void SetUp() override {
        auto* get = app_.add_subcommand("get");
        get->add_option("--limit", limit_);
        get->add_option("--listen", listen_);
        get->add_flag("--json", json_);
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

    std::filesystem::path path_ = testing::TempDir() + "spate-settings-test.toml";
    CLI::App app_;
    int limit_ = 1;
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

TEST_F(SettingsFile, WhatNoCommandKnowsIsRefusedWithItsLine) {
    EXPECT_EQ(parse("[get]\nlimit = 7\nlimt = 8\n", "get"),
              "settings file, line 3: 'spate get' has no option --limt; 'spate get --help' lists them");
    EXPECT_EQ(parse("\n[fetch]\nlimit = 7\n", "get"), "settings file, line 2: there is no command 'fetch'");
    EXPECT_EQ(parse("limit = 7\n", "get"),
              "settings file, line 1: 'limit' stands outside a command's table; write it below [COMMAND]");
    EXPECT_EQ(parse("[get]\nhelp = true\n", "get"),
              "settings file, line 2: 'spate get' has no option --help; 'spate get --help' lists them");
}

TEST_F(SettingsFile, BrokenTomlAndWrongValuesAreRefused) {
    EXPECT_NE(parse("[get\n", "get").find("settings file, line 1: "), std::string::npos);
    EXPECT_EQ(parse("[get]\nlimit = 2020-01-01\n", "get"),
              "settings file, line 2: limit must be a text, a number, true or false");
    EXPECT_NE(parse("[get]\nlimit = 'many'\n", "get").find("limit"), std::string::npos);
}

TEST_F(SettingsFile, AMissingFileThatWasNamedIsRefused) {
    EXPECT_THROW(app_.parse("--config /no/such/file.toml get"), CLI::ParseError);
}

}  // namespace
}  // namespace spate::apps
