#include "bencode/reader.h"

#include <gtest/gtest.h>
#include <set>

#include "base/rng.h"
#include "bencode/writer.h"

namespace spate::bencode {
namespace {

Result<Document> parse(std::string_view text, const Limits& limits = {}) {
    return Document::parse(as_bytes(text), limits);
}

void copy(Value value, Writer& out) {
    if (const auto number = value.integer()) out.integer(*number);
    if (const auto text = value.string()) out.string(*text);
    if (const auto list = value.list()) {
        out.begin_list();
        for (const auto element : *list) copy(element, out);
        out.end();
    }
    if (value.is(Kind::dictionary)) {
        out.begin_dictionary();
        value.each_entry([&](std::string_view key, Value inner) {
            copy(inner, out.key(key));
            return true;
        });
        out.end();
    }
}

TEST(BencodeReader, ReadsEveryKind) {
    const auto document = parse("d4:dictd1:ai-7ee3:int1:x4:listli1e0:lee1:zi9223372036854775807ee");
    ASSERT_TRUE(document);
    const auto root = document->root();
    EXPECT_EQ(root.find("dict")->find("a")->integer(), -7);
    EXPECT_EQ(root.find("int")->string(), "x");
    EXPECT_EQ(root.find("z")->integer(), INT64_MAX);
    EXPECT_FALSE(root.find("int")->integer());
    EXPECT_FALSE(root.find("missing"));
    EXPECT_FALSE(root.find("int")->find("x"));
    const auto list = root.find("list")->list();
    ASSERT_TRUE(list);
    std::vector<Kind> kinds;
    for (const auto element : *list) kinds.push_back(element.kind());
    EXPECT_EQ(kinds, (std::vector{Kind::integer, Kind::string, Kind::list}));
    EXPECT_EQ(as_text(root.find("list")->raw()), "li1e0:lee");
    EXPECT_EQ(document->node_count(), 14U);
}

TEST(BencodeReader, ValuesOutliveAMovedDocument) {
    auto first = parse("l1:ai5ee");
    const auto root = first->root();
    const auto second = std::move(*first);
    EXPECT_EQ((*root.list()->begin()).string(), "a");
}

TEST(BencodeReader, WhatFollowsTheRootIsLeftAlone) {
    const auto document = parse("d1:ai1eerest");
    ASSERT_TRUE(document);
    EXPECT_EQ(document->size(), 8U);
}

TEST(BencodeReader, RefusalsNameOffsetAndReason) {
    const struct {
        std::string_view text, where, reason;
    } rows[] = {
        {"", "byte 0", "ends too early"},
        {"e", "byte 0", "no value"},
        {"x", "byte 0", "no value"},
        {"l", "byte 1", "ends too early"},
        {"i1", "byte 0", "integer without an end"},
        {"ie", "byte 0", "no integer"},
        {"i-e", "byte 0", "no integer"},
        {"i+1e", "byte 0", "no integer"},
        {"i9223372036854775808e", "byte 0", "no integer"},
        {"i-9223372036854775809e", "byte 0", "no integer"},
        {"i0000000000000000000000e", "byte 0", "without an end"},
        {"5:abcd", "byte 0", "5 bytes where 4 are left"},
        {"18446744073709551615:a", "byte 0", "18446744073709551615 bytes where 1"},
        {"18446744073709551616:a", "byte 0", "without a usable length"},
        {"1", "byte 0", "without a usable length"},
        {"1x:a", "byte 0", "without a usable length"},
        {"-1:a", "byte 0", "no value"},
        {"di1ei1ee", "byte 1", "key must be a string"},
        {"dlei1ee", "byte 1", "key must be a string"},
        {"d1:ae", "byte 4", "key without a value"},
    };
    for (const auto& row : rows) {
        const auto document = parse(row.text);
        ASSERT_FALSE(document) << row.text;
        EXPECT_EQ(document.error().object, row.where) << row.text;
        EXPECT_THAT(document.error().detail, testing::HasSubstr(row.reason)) << row.text;
    }
}

TEST(BencodeReader, LimitsOnBothSides) {
    const std::string deep = std::string(100, 'l') + std::string(100, 'e');
    EXPECT_TRUE(parse(deep));
    EXPECT_FALSE(parse("l" + deep + "e"));
    const Limits small{.depth_max = 2, .nodes_max = 4, .bytes_max = 16};
    EXPECT_TRUE(parse("li1ei2ei3ee", small));
    EXPECT_FALSE(parse("li1ei2ei3ei4ee", small));
    EXPECT_TRUE(parse("llleee", {.depth_max = 3}));
    EXPECT_FALSE(parse("llleee", small));
    EXPECT_TRUE(parse("13:abcdefghijklm", small));
    EXPECT_FALSE(parse("14:abcdefghijklmn", small));
}

TEST(BencodeReader, OdditiesAreReportedNotLost) {
    const struct {
        std::string_view text;
        std::optional<std::uint32_t> unsorted, duplicate, zeros;
    } rows[] = {
        {"d1:ai1e1:bi1ee", {}, {}, {}},
        {"d1:bi1e1:ai1ee", 7, {}, {}},
        {"d1:ai1e1:ai1ee", {}, 7, {}},
        {"d1:ai1e1:bi1e1:ai1ee", 13, 0, {}},  // apart: known at the dictionary's start
        {"ld1:ai1e1:ai1eed1:ai1eee", {}, 8, {}},
        {"d2:aai1e1:bi1ee", {}, {}, {}},
        {"d1:ai1e0:i1ee", 7, {}, {}},
        {"i03e", {}, {}, 0},
        {"i-0e", {}, {}, 0},
        {"i-03e", {}, {}, 0},
        {"i0e", {}, {}, {}},
        {"l02:abe", {}, {}, 1},
        {"0:", {}, {}, {}},
    };
    for (const auto& row : rows) {
        const auto document = parse(row.text);
        ASSERT_TRUE(document) << row.text;
        EXPECT_EQ(document->oddities().unsorted_keys, row.unsorted) << row.text;
        EXPECT_EQ(document->oddities().duplicate_keys, row.duplicate) << row.text;
        EXPECT_EQ(document->oddities().leading_zeros, row.zeros) << row.text;
    }
}

std::string random_text(Rng& rng) {
    std::string text;
    for (auto length = rng.below(6); length > 0; --length) text += static_cast<char>(rng.below(256));
    return text;
}

void write_random(Rng& rng, Writer& out, int depth) {
    const auto kind = rng.below(depth > 5 ? 2 : 4);
    if (kind == 0) {
        out.integer(static_cast<std::int64_t>(rng.next()));
    } else if (kind == 1) {
        out.string(random_text(rng));
    } else if (kind == 2) {
        out.begin_list();
        for (auto n = rng.below(5); n > 0; --n) write_random(rng, out, depth + 1);
        out.end();
    } else {
        std::set<std::string> keys;
        for (auto n = rng.below(5); n > 0; --n) keys.insert(random_text(rng));
        out.begin_dictionary();
        for (const auto& key : keys) write_random(rng, out.key(key), depth + 1);
        out.end();
    }
}

TEST(BencodeReader, WritingWhatWasReadGivesTheSameBytes) {
    Rng rng(1);
    for (int round = 0; round < 2000; ++round) {
        Writer out;
        write_random(rng, out, 0);
        const auto text = out.take();
        const auto document = parse(text);
        ASSERT_TRUE(document) << document.error().message();
        EXPECT_FALSE(document->oddities().unsorted_keys || document->oddities().duplicate_keys ||
                     document->oddities().leading_zeros);
        EXPECT_EQ(document->size(), text.size());
        Writer again;
        copy(document->root(), again);
        ASSERT_EQ(again.take(), text);
        for (std::size_t cut = 0; cut < text.size(); ++cut) EXPECT_FALSE(parse(text.substr(0, cut)));
    }
}

TEST(BencodeReader, ChangedBytesNeverLeadOutsideTheBuffer) {
    Rng rng(2);
    for (int round = 0; round < 5000; ++round) {
        Writer out;
        write_random(rng, out, 0);
        auto text = out.take();
        text[rng.below(text.size())] = static_cast<char>(rng.below(256));
        const std::vector<char> exact(text.begin(), text.end());  // so that ASan sees the end
        const auto document = parse({exact.data(), exact.size()});
        if (!document) continue;
        std::size_t total = 0;
        const auto visit = [&](std::string_view key, Value value) {
            total += key.size() + value.raw().size();
            return true;
        };
        document->root().each_entry(visit);
        EXPECT_LE(total, text.size());
    }
}

}  // namespace
}  // namespace spate::bencode
