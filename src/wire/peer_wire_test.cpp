#include "wire/peer_wire.h"

#include "wire/limits.h"
#include "wire/test_streams.h"

namespace spate::wire {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
void append_block(Buffer& out, const BlockRequest& block) {
    const auto header = piece_header(block);
    out.insert(out.end(), header.begin(), header.end());
    for (std::uint32_t i = 0; i < block.length; ++i)
        out.push_back(static_cast<std::uint8_t>(i * 7 + block.offset));
}

std::string digest_of(const Buffer& block) {
    return to_hex(Bytes(hash::md5(Bytes(block).subspan(piece_header_size))).first(4));
}

TEST(Write, Octets) {
    const BlockRequest block{PieceIndex(0x01020304), 0x8000, 0x4000};
    EXPECT_EQ(to_hex(stream_of(Unchoke{}, Have{PieceIndex(0x0a0b0c0d)}, Port{0x1ae1}, HaveAll{})),
              "0000000101"
              "00000005040a0b0c0d"
              "00000003091ae1"
              "000000010e");
    EXPECT_EQ(to_hex(stream_of(Request{block}, Cancel{block}, Reject{block})),
              "0000000d06010203040000800000004000"
              "0000000d08010203040000800000004000"
              "0000000d10010203040000800000004000");
    EXPECT_EQ(to_hex(piece_header(block)),
              "0000400907"
              "0102030400008000");
    const HashRequest request{.root = {0xaa}, .base_layer = 1, .index = 2, .length = 4, .proof_layers = 5};
    EXPECT_EQ(to_hex(stream_of(request)),
              "0000003115aa" + std::string(62, '0') + "00000001000000020000000400000005");
    Buffer out;
    append(out, our_ids, DontHave{PieceIndex(9)});
    append(out, our_ids, MetadataRequest{0});
    EXPECT_EQ(to_hex(out).substr(0, 20), "00000006140100000009");
    EXPECT_EQ(as_text(out).substr(16), "d8:msg_typei0e5:piecei0ee");
}

TEST(PeerWire, ReadsWhatWasWritten) {
    Buffer out;
    const std::vector<std::uint8_t> bits(13, 0xf0);
    append(out, BitfieldMessage{bits});
    append_keep_alive(out);
    append(out, Choke{});
    append(out, Unchoke{});
    append(out, Interested{});
    append(out, NotInterested{});
    append(out, Have{PieceIndex(99)});
    append(out, Request{{PieceIndex(1), 2, 3}});
    append(out, Cancel{{PieceIndex(4), 5, 6}});
    append(out, Reject{{PieceIndex(7), 8, 9}});
    Buffer block;
    append_block(block, {PieceIndex(5), 16384, 300});
    out.insert(out.end(), block.begin(), block.end());
    append(out, Port{6881});
    append(out, SuggestPiece{PieceIndex(10)});
    append(out, AllowedFast{PieceIndex(11)});
    const HashRequest request{.root = {0xab}, .base_layer = 1, .index = 2, .length = 4, .proof_layers = 5};
    append(out, request);
    const std::vector<std::uint8_t> hashes(64, 9);
    append(out, Hashes{request, hashes});
    append(out, HashReject{request});
    EXPECT_THAT(read(out),
                ElementsAre("bitfield " + text_of(Bytes(bits)), "choke", "unchoke", "interested",
                            "not interested", "have 99", "request 1+2:3", "cancel 4+5:6", "reject 7+8:9",
                            "block 5+16384:300#" + digest_of(block), "port 6881", "suggest 10",
                            "allowed fast 11", "hash request ab00 1 2 4 5",
                            "hashes ab00 1 2 4 5 " + text_of(Bytes(hashes)), "hash reject ab00 1 2 4 5"));
}

TEST(PeerWire, ABlockIsViewedWhereItLies) {
    Buffer out;
    append_block(out, {PieceIndex(5), 0, 16384});
    PeerWire wire(all_on);
    std::vector<Event> events;
    ASSERT_TRUE(wire.feed(Bytes(out).first(1000), events));
    ASSERT_TRUE(wire.mid_message());
    ASSERT_TRUE(wire.feed(Bytes(out).subspan(1000), events));
    EXPECT_FALSE(wire.mid_message());
    ASSERT_THAT(events, SizeIs(2));
    const auto& first = std::get<BlockBytes>(events[0]);
    const auto& second = std::get<BlockBytes>(events[1]);
    EXPECT_TRUE(first.first() && !first.complete() && !second.first() && second.complete());
    EXPECT_EQ(first.bytes.data(), out.data() + 13);
    EXPECT_EQ(second.bytes.data(), out.data() + 1000);
    EXPECT_EQ(second.at, 987U);
}

// Rows 26 of reliability.md: every type has its lengths, and a wrong one is refused before its bytes come.
TEST(PeerWire, ALengthMustFitItsType) {
    const std::uint32_t hash = 49;
    const std::vector<std::pair<std::uint8_t, std::vector<std::uint32_t>>> wrong{
        {0, {2, 0xffffffff}},
        {1, {2}},
        {2, {2}},
        {3, {2}},
        {4, {1, 4, 6}},
        {6, {12, 14}},
        {7, {1, 8, 9, 9 + request_bytes_max + 1, 0xffffffff}},
        {8, {12, 14}},
        {9, {2, 4}},
        {13, {4, 6}},
        {14, {2}},
        {15, {2}},
        {16, {12, 14}},
        {17, {4, 6}},
        {20, {1, 0x80000000}},
        {21, {hash - 1, hash + 1}},
        {22, {hash, hash + 31, hash + 33, hash + 32 * 600}},
        {23, {hash - 1, hash + 1}},
        {99, {unknown_message_bytes_max + 1}},
    };
    for (const auto& [id, lengths] : wrong)
        for (const std::uint32_t length : lengths)
            EXPECT_THAT(read(raw(length, {id})),
                        ElementsAre("error: message of a wrong length (message " + std::to_string(id) + ", " +
                                    std::to_string(length) + " bytes)"));
}

TEST(PeerWire, AfterAnErrorThereIsNothing) {
    PeerWire wire(all_on);
    std::vector<Event> events;
    const Buffer stream = stream_of(Have{PieceIndex(1)}, Have{PieceIndex(100)}, Have{PieceIndex(2)});
    const auto fed = wire.feed(stream, events);
    ASSERT_FALSE(fed);
    EXPECT_EQ(fed.error(), (WireError{CloseReason::bad_piece_index, 4, 5}));
    EXPECT_THAT(events, SizeIs(1));
    const auto again = wire.feed(stream_of(Have{PieceIndex(3)}), events);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error(), fed.error());
    EXPECT_THAT(events, SizeIs(1));
}

TEST(PeerWire, UnknownMessagesArePassedOver) {
    Buffer out = raw(1, {10});
    const Buffer longer = raw(1000, std::vector<std::uint8_t>(1000, 200));
    out.insert(out.end(), longer.begin(), longer.end());
    append_extended(out, 77, std::vector<std::uint8_t>(500));  // an id we never gave
    append(out, Choke{});
    EXPECT_THAT(read(out), ElementsAre("choke"));
}

// Row 27.
TEST(PeerWire, ABitfieldMustFit) {
    const auto bits = [](std::size_t size, std::uint8_t last) {
        std::vector<std::uint8_t> bytes(size, 0xff);
        bytes.back() = last;
        return stream_of(BitfieldMessage{bytes});
    };
    EXPECT_THAT(read(bits(13, 0xf0)), ElementsAre(testing::StartsWith("bitfield 13")));
    EXPECT_THAT(read(bits(13, 0xf8)), ElementsAre("error: bad bitfield (message 5, 14 bytes)"));
    EXPECT_THAT(read(bits(12, 0)), ElementsAre("error: bad bitfield (message 5, 13 bytes)"));
    EXPECT_THAT(read(bits(14, 0)), ElementsAre("error: bad bitfield (message 5, 15 bytes)"));
    EXPECT_THAT(read(raw(1, {5})), ElementsAre("error: bad bitfield (message 5, 1 bytes)"));
    EXPECT_THAT(read(raw(0xffffffff, {5})), ElementsAre("error: bad bitfield (message 5, 4294967295 bytes)"));
}

TEST(PeerWire, WithoutAPieceCountABitfieldHasTheLargestTorrentsSize) {
    const WireOptions magnet{.fast = true, .extended = true, .piece_count = 0, .offered = {}};
    EXPECT_THAT(read(stream_of(BitfieldMessage{std::vector<std::uint8_t>(1000, 1)}), magnet), SizeIs(1));
    EXPECT_THAT(read(raw(2 + bitfield_bytes_max, {5}), magnet),
                ElementsAre(testing::StartsWith("error: bad bitf")));
    EXPECT_THAT(read(stream_of(Have{PieceIndex(metainfo::piece_count_max - 1)}), magnet), SizeIs(1));
    EXPECT_THAT(read(stream_of(Have{PieceIndex(metainfo::piece_count_max)}), magnet),
                ElementsAre(testing::StartsWith("error: piece beyond")));
}

TEST(PeerWire, TheCountCountsOnceItIsKnown) {
    PeerWire wire({.fast = true, .extended = true, .piece_count = 0, .offered = {}});
    std::vector<Event> events;
    const Buffer have = stream_of(Have{PieceIndex(5000)});
    ASSERT_TRUE(wire.feed(have, events));
    wire.set_piece_count(100);
    EXPECT_FALSE(wire.feed(have, events));
}

// Rows 27 and 40.
TEST(PeerWire, WhatAPeerHasComesOnceAndFirst) {
    const std::vector<std::uint8_t> bits(13, 0);
    const auto last = [](const Lines& lines) { return lines.back(); };
    EXPECT_THAT(last(read(stream_of(HaveNone{}, HaveAll{}))), testing::StartsWith("error: bitfield twice"));
    EXPECT_THAT(last(read(stream_of(BitfieldMessage{bits}, HaveNone{}))),
                testing::StartsWith("error: bitfield tw"));
    Buffer block;
    append_block(block, {PieceIndex(1), 0, 20});
    append(block, HaveAll{});
    EXPECT_THAT(last(read(block)), testing::StartsWith("error: bitfield twice"));
}

// aria2 tells many new pieces so; rtorrent closes on it.
TEST(PeerWire, AFewBitfieldsMayComeInPlaceOfHaves) {
    const std::vector<std::uint8_t> bits(13, 0);
    Buffer out = stream_of(HaveNone{}, Request{});
    for (int i = 0; i < late_bitfields_max; ++i) append(out, BitfieldMessage{bits});
    EXPECT_THAT(read(out), SizeIs(2 + late_bitfields_max));
    append(out, BitfieldMessage{bits});
    EXPECT_EQ(read(out).back(), "error: bitfield twice or late (message 5, 14 bytes)");
}

TEST(PeerWire, SomeMessagesMayPrecedeTheBitfield) {
    Buffer out;
    append_keep_alive(out);
    append(out, ExtensionHandshake{}, {});
    append(out, Unchoke{});
    append(out, Interested{});
    append(out, Port{1});
    append(out, AllowedFast{PieceIndex(1)});
    append(out, HaveAll{});
    append(out, Have{PieceIndex(2)});
    EXPECT_THAT(read(out), SizeIs(7));
}

TEST(PeerWire, FastMessagesNeedTheFastExtension) {
    WireOptions options = all_on;
    options.fast = false;
    const BlockRequest block{PieceIndex(1), 0, 5};
    for (const Buffer& stream : {stream_of(HaveAll{}), stream_of(HaveNone{}), stream_of(SuggestPiece{}),
                                 stream_of(AllowedFast{}), stream_of(Reject{block})})
        EXPECT_THAT(read(stream, options), ElementsAre(testing::StartsWith("error: fast message without")));
}

// Row 40: suggest floods.
TEST(PeerWire, SuggestionsAreFewAndInside) {
    Buffer out;
    for (std::uint32_t i = 0; i < 200; ++i) {
        append(out, SuggestPiece{PieceIndex(i % 90 + 20)});
        append(out, AllowedFast{PieceIndex(i % 90 + 20)});
    }
    EXPECT_THAT(read(out), SizeIs(suggestions_max + allowed_fast_taken_max));
    EXPECT_THAT(read(stream_of(SuggestPiece{PieceIndex(100)}, AllowedFast{PieceIndex(100)})), IsEmpty());
}

// Row 28 is for who knows the layout; the numbers arrive as they are.
TEST(PeerWire, RequestsAreNotJudged) {
    EXPECT_THAT(read(stream_of(Request{{PieceIndex(0xffffffff), 0xffffffff, 0xffffffff}})),
                ElementsAre("request 4294967295+4294967295:4294967295"));
}

// Row 49: whatever a peer claims about v2, its messages are only read.
TEST(PeerWire, HashMessagesComeThroughWithoutV2) {
    EXPECT_THAT(read(stream_of(HashRequest{}, HashReject{})),
                ElementsAre("hash request 0000 0 0 0 0", "hash reject 0000 0 0 0 0"));
}

}  // namespace
}  // namespace spate::wire
