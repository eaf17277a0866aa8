#include "classic/get_reply_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/rng.h"

namespace spate::classic {
namespace {

GetReplyReader read_get(const std::string& text, std::size_t bytes_max = 4096) {
    GetReplyReader at_once(bytes_max);
    GetReplyReader bytewise(bytes_max);
    at_once.feed(as_bytes(text));
    at_once.end_of_input();
    for (const char byte : text) bytewise.feed(as_bytes({&byte, 1}));
    bytewise.end_of_input();
    EXPECT_EQ(at_once.state(), bytewise.state()) << text;
    EXPECT_EQ(at_once.detail(), bytewise.detail()) << text;
    EXPECT_EQ(at_once.file(), bytewise.file()) << text;
    EXPECT_EQ(at_once.claimed_md5(), bytewise.claimed_md5()) << text;
    return at_once;
}

TEST(GetReplyReader, WhatIsTheFileAndWhatIsNot) {
    struct Row {
        std::string text;
        std::string file;
        std::string md5;
    };
    const std::vector<Row> rows{
        {write_get_reply("Filename: f\nFilesize: 1\n", "abc"), "Filename: f\nFilesize: 1\n", "abc"},
        {write_get_reply("", "abc"), "", "abc"},
        {"<REP GET BEGIN>\r\na\r\n<REP GET END ABC>\r\n", "a\r\n", "abc"},
        {"<rep get begin >\na\n<rep get end abc >", "a\n", "abc"},
        {"REP GET BEGIN\na\nREP GET END abc\n", "a\n", "abc"},
        {"REP GET BEGIN\na\nREP GET END abc", "a\n", "abc"},
        {"<REP GET BEGIN>a\n<REP GET END abc>", "a\n", "abc"},
        {"<REP GET BEGIN>\n\na\n\n<REP GET END abc>", "\na\n\n", "abc"},
        {"<REP GET BEGIN>\na\n<REP GET END>\n", "a\n", ""},
        {"<REP GET BEGIN>\na\n<REP GET END", "a\n", ""},
        {"\n<REP GET BEGIN>\na<REP GET END abc>\n", "a", "abc"},  // no line end after the file
        {"<REP GET BEGIN>\n<REP GET ENDING\n<REP GET END abc>", "<REP GET ENDING\n", "abc"},
        {"<REP GET BEGIN>\nDescription: <REP GET END x>\nMD5: y\n<REP GET END abc>\n",
         "Description: <REP GET END x>\nMD5: y\n", "abc"},
        {"<REP GET BEGIN>\n<REP GET END abc>\nmore", "", "abc"},
        {std::string("<REP GET BEGIN>\na\0b\n<REP GET END abc>", 37), std::string("a\0b\n", 4), "abc"},
    };
    for (const Row& row : rows) {
        const auto reader = read_get(row.text);
        EXPECT_EQ(reader.state(), ReadState::complete) << row.text << reader.detail();
        EXPECT_EQ(reader.file(), row.file) << row.text;
        EXPECT_EQ(reader.claimed_md5(), row.md5) << row.text;
    }
}

TEST(GetReplyReader, ReadingsWithAndWithoutTheExtraLineEnd) {
    const auto readings = [](const std::string& file) {
        const GetReplyReader reader = read_get(write_get_reply(file, "m"));
        const auto both = reader.readings();
        return std::vector<std::string>{std::string(both[0]), std::string(both[1])};
    };
    EXPECT_THAT(readings("a\n\n"), testing::ElementsAre("a\n\n", "a\n"));
    EXPECT_THAT(readings("a\r\n"), testing::ElementsAre("a\r\n", "a"));
    EXPECT_THAT(readings(""), testing::ElementsAre("", ""));
}

TEST(GetReplyReader, RefusedCutAndEndless) {
    EXPECT_EQ(read_get("<GET invalid>\n").state(), ReadState::refused);
    EXPECT_EQ(read_get("<GET invalid>\n").detail(), "GET invalid");
    EXPECT_EQ(read_get("GET invalid").state(), ReadState::refused);
    EXPECT_EQ(read_get("").state(), ReadState::failed);
    EXPECT_EQ(read_get("<REP GET BEG").state(), ReadState::refused);
    EXPECT_EQ(read_get("<REP GET BEGIN>").state(), ReadState::failed);
    EXPECT_EQ(read_get("<REP GET BEGIN>\nFilename: f\n").state(), ReadState::failed);
    EXPECT_EQ(read_get("<REP GET BEGIN>\nFilename: f\n<REP GET EN").state(), ReadState::failed);
    EXPECT_EQ(read_get(std::string(100'000, '\n')).state(), ReadState::refused);
    EXPECT_EQ(read_get(std::string(100'000, 'x')).state(), ReadState::refused);
    EXPECT_EQ(read_get("<REP GET BEGIN>\n" + std::string(100'000, 'x')).state(), ReadState::failed);
    EXPECT_EQ(read_get("<REP GET BEGIN>\n<REP GET END " + std::string(100'000, 'x')).state(),
              ReadState::failed);
}

TEST(GetReplyReader, FileSizeOnBothSidesOfTheLimit) {
    const std::string full(99, 'x');
    EXPECT_EQ(read_get(write_get_reply(full + "\n", "m"), 100).state(), ReadState::complete);
    EXPECT_EQ(read_get(write_get_reply(full + "x\n", "m"), 100).state(), ReadState::failed);
}

TEST(GetReplyReader, CompleteBeforeTheInputEnds) {
    GetReplyReader reader;
    EXPECT_EQ(reader.feed(as_bytes("<REP GET BEGIN>\na\n<REP GET END ab")), ReadState::reading);
    EXPECT_EQ(reader.feed(as_bytes("c>")), ReadState::complete);
    EXPECT_EQ(reader.claimed_md5(), "abc");
}

TEST(GetReplyReader, RandomSplits) {
    const std::string text = write_get_reply("Filename: f\n<REP\n<REP GET E\n", "abc");
    Rng rng(3);
    for (int round = 0; round < 200; ++round) {
        GetReplyReader reader;
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t step = 1 + rng.below(text.size() - at);
            reader.feed(as_bytes(text).subspan(at, step));
            at += step;
        }
        ASSERT_EQ(reader.state(), ReadState::complete);
        ASSERT_EQ(reader.file(), "Filename: f\n<REP\n<REP GET E\n");
    }
}

}  // namespace
}  // namespace spate::classic
