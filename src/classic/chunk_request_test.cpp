#include "classic/chunk_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace spate::classic {
namespace {

using enum ChunkForm;

TEST(ChunkRequest, EveryForm) {
    struct Row {
        std::string line;
        ChunkRequest request;
    };
    const std::vector<Row> rows{
        {"<GET f 5 9>", {get, "f", 5, 9}},
        {"<get f 5 9 >\r", {get, "f", 5, 9}},
        {"GET f 5 9", {bare_get, "f", 5, 9}},
        {"<GETCHUNK f 5 9>", {getchunk, "f", 5, 9}},
        {"GETCHUNK f 5 9", {bare_getchunk, "f", 5, 9}},
        {"<GET SEG f 5 9>", {segment, "f", 5, 9}},
        {"<GET seg f 5 9>", {segment, "f", 5, 9}},
        {"<GET SEG 5 9>", {get, "SEG", 5, 9}},  // a file called SEG
        {"<GET 5 9>", {nameless, std::nullopt, 5, 9}},
        {"GET 5 9", {nameless, std::nullopt, 5, 9}},
        {"<GET 7 5 9>", {get, "7", 5, 9}},  // a file called 7
        {"<GET f 5 +9>", {plus, "f", 5, 9}},
        {"GET f 5 +9", {plus, "f", 5, 9}},
        {"file1", {original_file, std::nullopt, 1, 0}},
        {"file5", {original_file, std::nullopt, 5, 0}},
    };
    for (const Row& row : rows) {
        const ChunkRequestLine line = parse_chunk_request(row.line);
        ASSERT_TRUE(std::holds_alternative<ChunkRequest>(line)) << row.line;
        EXPECT_EQ(std::get<ChunkRequest>(line), row.request) << row.line;
    }
}

TEST(ChunkRequest, BadOnesAreRefusedInTheirDress) {
    struct Row {
        std::string line;
        ChunkForm form;
    };
    const std::vector<Row> rows{
        {"", get},
        {"<GET>", get},
        {"<GET f>", get},
        {"<GET f 5>", get},
        {"<GET f 5 9", get},  // cut: the end may have been 99
        {"<GET f -5 9>", get},
        {"<GET f 5 9 11>", get},
        {"<GET f a b>", get},
        {"<GET a/b 5 9>", get},
        {"<GET .. 5 9>", get},
        {"<GET " + std::string(256, 'n') + " 5 9>", get},
        {"<GET f\x01 5 9>", get},
        {std::string("<GET f\0 5 9>", 12), get},
        {"<GET f 9223372036854775808 9>", get},
        {"GET f 5 99999999999999999999", bare_get},
        {"<GETCHUNK f 5>", getchunk},
        {"GETCHUNK f 5", bare_getchunk},
        {"GETCHUNK ../f 5 9", bare_getchunk},
        {"<GET SEG f x 9>", segment},
        {"<GET f 5 +>", plus},
        {"<GET f 5 ++9>", plus},
        {"<GET f 5 +-9>", plus},
        {"<GET 5 x>", nameless},
        {"file0", get},
        {"file6", get},
        {"file", get},
        {"HELLO", get},
    };
    for (const Row& row : rows) {
        const ChunkRequestLine line = parse_chunk_request(row.line);
        ASSERT_TRUE(std::holds_alternative<BadChunkRequest>(line)) << row.line;
        EXPECT_EQ(std::get<BadChunkRequest>(line).form, row.form) << row.line;
        EXPECT_NE(std::get<BadChunkRequest>(line).reason, "") << row.line;
    }
}

// What a request line means in a file of a given size.
TEST(ChunkRequest, WhatTheNumbersMean) {
    struct Row {
        std::string line;
        std::uint64_t size;
        ChunkForm form;
        std::optional<ByteRange> range;
    };
    using R = ByteRange;
    const std::optional<ByteRange> refused;
    const std::vector<Row> rows{
        // In brackets: inclusive.
        {"<GET f 0 9>", 5000, get, R{0, 10}},
        {"<GET f 0 1023>", 5000, get, R{0, 1024}},
        {"<GET f 4000 4999>", 5000, get, R{4000, 5000}},
        // The hints: exclusive after all.
        {"<GET f 0 1024>", 5000, get, R{0, 1024}},
        {"<GET f 1024 2048>", 5000, get, R{1024, 2048}},
        {"<GET f 4900 5000>", 5000, get, R{4900, 5000}},
        // Not above the second number: a length, unless it is the last byte.
        {"<GET f 1024 1024>", 5000, get, R{1024, 2048}},
        {"<GET f 1024 1024>", 1025, get, R{1024, 1025}},
        {"<GET f 1024 500>", 5000, get, R{1024, 1524}},
        {"<GET f 5 5>", 5000, get, R{5, 10}},
        {"<GET f 0 0>", 5000, get, R{0, 1}},
        {"<GET f 0 0>", 1, get, R{0, 1}},
        {"<GET f 0 1>", 1, get, R{0, 1}},
        // Beyond the file, too long, empty.
        {"<GET f 0 1025>", 5000, get, refused},
        {"<GET f 4990 5001>", 5000, get, refused},
        {"<GET f 5000 5000>", 5000, get, refused},
        {"<GET f 5000 6023>", 5000, get, refused},
        {"<GET f 4500 1024>", 5000, get, refused},
        {"<GET f 5 0>", 5000, get, refused},
        {"<GET f 0 9223372036854775807>", 5000, get, refused},
        {"<GET f 9223372036854775807 9223372036854775807>", 5000, get, refused},
        {"<GET f 0 0>", 0, get, refused},
        // Bare: exclusive.
        {"GET f 0 10", 5000, bare_get, R{0, 10}},
        {"GET f 0 1024", 5000, bare_get, R{0, 1024}},
        {"GET f 4900 5000", 5000, bare_get, R{4900, 5000}},
        {"GET f 0 1023", 5000, bare_get, R{0, 1024}},
        {"GET f 4900 4999", 5000, bare_get, R{4900, 5000}},
        {"GET f 4999 4999", 5000, bare_get, R{4999, 5000}},
        {"GET f 0 1025", 5000, bare_get, refused},
        {"GET f 0 0", 5000, bare_get, refused},
        // Bare, a length: its own dress.
        {"GET f 1024 1024", 5000, bare_length, R{1024, 2048}},
        {"GET f 2048 100", 5000, bare_length, R{2048, 2148}},
        {"GET f 4500 1024", 5000, bare_length, refused},
        {"GET f 5 0", 5000, bare_get, refused},
        // A keyword has one meaning.
        {"<GETCHUNK f 0 1024>", 5000, getchunk, R{0, 1024}},
        {"<GETCHUNK f 0 1023>", 5000, getchunk, R{0, 1023}},
        {"<GETCHUNK f 0 1025>", 5000, getchunk, refused},
        {"<GETCHUNK f 9 9>", 5000, getchunk, refused},
        {"<GETCHUNK f 9 8>", 5000, getchunk, refused},
        {"GETCHUNK f 0 1023", 5000, bare_getchunk, R{0, 1024}},
        {"GETCHUNK f 0 1024", 5000, bare_getchunk, refused},
        {"GETCHUNK f 9 9", 5000, bare_getchunk, R{9, 10}},
        {"<GET SEG f 0 1024>", 5000, segment, R{0, 1024}},
        {"<GET SEG f 0 1025>", 5000, segment, refused},
        {"<GET SEG f 10 0>", 5000, segment, refused},
        {"<GET 0 1024>", 5000, nameless, R{0, 1024}},
        {"<GET 9 9>", 5000, nameless, refused},
        {"<GET 4999 5001>", 5000, nameless, refused},
        {"<GET f 0 +1024>", 5000, plus, R{0, 1024}},
        {"<GET f 4999 +1>", 5000, plus, R{4999, 5000}},
        {"<GET f 4999 +2>", 5000, plus, refused},
        {"<GET f 0 +1025>", 5000, plus, refused},
        {"<GET f 9223372036854775807 +9223372036854775807>", 5000, plus, refused},
        // A fifth, of any length.
        {"file1", 5000, original_file, R{0, 1000}},
        {"file5", 5003, original_file, R{4002, 5003}},
        {"file1", 0, original_file, refused},
    };
    for (const Row& row : rows) {
        const ChunkRequestLine line = parse_chunk_request(row.line);
        ASSERT_TRUE(std::holds_alternative<ChunkRequest>(line)) << row.line;
        const ResolvedChunk chunk = resolve_chunk_request(std::get<ChunkRequest>(line), row.size);
        EXPECT_EQ(chunk.range, row.range) << row.line << " of " << row.size;
        EXPECT_EQ(chunk.form, row.form) << row.line << " of " << row.size;
    }
}

TEST(ChunkReply, EveryDress) {
    struct Row {
        ChunkForm form;
        std::string reply;
        std::string refusal;
        bool stays_open;
    };
    const std::vector<Row> rows{
        {get, "data", "<GET invalid>\n", false},
        {bare_get, "data", "<GET invalid>\n", false},
        {getchunk, "<REP CHUNK 4>\ndata", "<GET invalid>\n", false},
        {bare_getchunk, "OK 10 13\ndata", "ERR not here\\x0a\n", false},
        {segment, "<GET GOT 4>\nZGF0YQ==", "<GET invalid>\n", false},
        {nameless, "<REP GET BEGIN>\ndata<REP GET END>\n", "<REP GET INVALID>\n", false},
        {bare_length, "REP GET BEGINdataREP GET END", "<GET invalid>\n", true},
        {plus, "<GET ok 4>\ndata", "<GET error>\n", true},
        {original_file, "data", "<GET invalid>\n", false},
    };
    for (const Row& row : rows) {
        EXPECT_EQ(write_chunk_reply(row.form, {10, 14}, as_bytes("data")), row.reply);
        EXPECT_EQ(write_chunk_refusal(row.form, "not here\n"), row.refusal);
        EXPECT_EQ(keeps_connection_open(row.form), row.stays_open) << row.reply;
    }
}

}  // namespace
}  // namespace spate::classic
