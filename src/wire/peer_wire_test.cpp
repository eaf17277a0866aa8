#include "wire/peer_wire.h"

#include "base/rng.h"
#include "wire/big_endian.h"
#include "wire/limits.h"
#include "wire/test_events.h"
#include "wire/write.h"

namespace spate::wire {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using Lines = std::vector<std::string>;

constexpr WireOptions all_on{.fast = true, .extended = true, .piece_count = 100, .offered = {}};
constexpr ExtensionIds our_ids{{1, 2, 3, 4}};  // as in our handshake

// Read at once, byte by byte, and in random parts: always the same.
Lines read(const Buffer& stream, const WireOptions& options = all_on) {
    const Lines lines = read_stream(options, stream, [&] { return stream.size(); });
    EXPECT_EQ(read_stream(options, stream, [] { return 1; }), lines);
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
        Rng rng(seed);
        EXPECT_EQ(read_stream(options, stream, [&] { return 1 + rng.below(40); }), lines);
    }
    return lines;
}

// One message by its parts.
Buffer raw(std::uint32_t length, const std::vector<std::uint8_t>& body) {
    Buffer out(4);
    write_u32(out.data(), length);
    for (const std::uint8_t octet : body) out.push_back(octet);
    return out;
}

void append_block(Buffer& out, const BlockRequest& block) {
    const auto header = piece_header(block);
    out.insert(out.end(), header.begin(), header.end());
    for (std::uint32_t i = 0; i < block.length; ++i)
        out.push_back(static_cast<std::uint8_t>(i * 7 + block.offset));
}

std::string digest_of(const Buffer& block) {
    return to_hex(Bytes(hash::md5(Bytes(block).subspan(piece_header_size))).first(4));
}

template <class... Messages>
Buffer stream_of(const Messages&... messages) {
    Buffer out;
    (append(out, messages), ...);
    return out;
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

TEST(PeerWire, ReadsExtensionsThatWereWritten) {
    Buffer out;
    ExtensionHandshake handshake{.client = "Spate 1",
                                 .listen_port = 6881,
                                 .request_queue = 4000,
                                 .metadata_size = 31235,
                                 .your_address = Address::v4(192, 0, 2, 1),
                                 .upload_only = true,
                                 .prefers_encryption = true};
    append(out, handshake, {});
    append(out, our_ids, MetadataRequest{3});
    const std::vector<std::uint8_t> data(3616, 5);
    append(out, our_ids, MetadataData{1, 20000, data});
    append(out, our_ids, MetadataReject{2});
    const Pex pex{
        .added = {{{Address::v4(192, 0, 2, 7), 80}, 0x10}, {*Endpoint::parse("[2001:db8::1]:443"), 2}},
        .dropped = {{Address::v4(192, 0, 2, 8), 81}}};
    append(out, our_ids, pex);
    append(out, our_ids, DontHave{PieceIndex(12)});
    append(out, our_ids, UploadOnly{true});
    append(out, our_ids, UploadOnly{false});
    EXPECT_THAT(read(out),
                ElementsAre("extensions Spate 1 p6881 q4000 m31235 192.0.2.1 u1 e", "metadata request 3",
                            "metadata 1 of 20000 " + text_of(Bytes(data)), "metadata reject 2",
                            "pex +192.0.2.7:80/16 +[2001:db8::1]:443/2 -192.0.2.8:81", "dont have 12",
                            "upload only", "not upload only"));
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

TEST(PeerWire, ExtendedMessagesArePassedOverUnlessAgreed) {
    Buffer out;
    append(out, our_ids, DontHave{PieceIndex(1)});
    append(out, Choke{});
    WireOptions options = all_on;
    options.extended = false;
    EXPECT_THAT(read(out, options), ElementsAre("choke"));
}

// Row 52: a private torrent does not offer peer exchange, and takes none.
TEST(PeerWire, WhatWasNotOfferedIsPassedOver) {
    Buffer out;
    append(out, our_ids, Pex{.added = {{{Address::v4(192, 0, 2, 7), 80}, 0}}, .dropped = {}});
    append(out, our_ids, DontHave{PieceIndex(1)});
    WireOptions options = all_on;
    options.offered = ExtensionSet{}.without(Extension::pex);
    EXPECT_THAT(read(out, options), ElementsAre("dont have 1"));
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

class Extended : public testing::Test {
  protected:
    static Lines read_payload(std::uint8_t id, std::string_view payload) {
        Buffer out;
        append_extended(out, id, as_bytes(payload));
        return read(out);
    }
};

TEST_F(Extended, NonsenseIsRefused) {
    const auto bad = ElementsAre(testing::StartsWith("error: bad extension message"));
    for (const auto* payload : {"", "x", "le", "i5e", "d1:v", "d1:vi5e", "5:hello"})
        EXPECT_THAT(read_payload(0, payload), bad) << payload;
    for (const auto* payload :
         {"", "de", "d8:msg_typei0ee", "d5:piecei0ee", "d8:msg_typei0e5:piecei-1ee",
          "d8:msg_typei0e5:piecei4294967296ee", "d8:msg_typei1e5:piecei0ee",
          "d8:msg_typei1e5:piecei0e10:total_sizei1ee", "d8:msg_typei1e5:piecei0e10:total_sizei0eex",
          "d8:msg_typei1e5:piecei0e10:total_sizei31457281eex",
          "d8:msg_typei1e5:piecei1920e10:total_sizei31457280eex"})
        EXPECT_THAT(read_payload(3, payload), bad) << payload;
    for (const auto* payload : {"", "x", "le"}) EXPECT_THAT(read_payload(4, payload), bad) << payload;
    EXPECT_THAT(read_payload(1, "abc"), bad);
    EXPECT_THAT(read_payload(1, "abcde"),
                ElementsAre(testing::StartsWith("error: message of a wrong length")));
    EXPECT_THAT(read_payload(1, std::string_view("\0\0\0\x64", 4)),
                ElementsAre(testing::StartsWith("error: piece beyond")));
    EXPECT_THAT(read_payload(2, ""), bad);
}

TEST_F(Extended, FutureMetadataMessagesAreIgnored) {
    EXPECT_THAT(read_payload(3, "d8:msg_typei3e5:piecei0ee"), IsEmpty());
    EXPECT_THAT(read_payload(3, "d8:msg_typei-1e5:piecei0ee"), IsEmpty());
}

TEST_F(Extended, EveryTypeHasItsLongest) {
    const auto refused = ElementsAre(testing::StartsWith("error: message of a wrong length"));
    const auto dictionary = [](std::size_t size) {
        std::string text = "d1:x";
        const std::string filler(size - 4 - 7, 'x');  // "NNNNN:" and "e"
        return text + std::to_string(filler.size()) + ":" + filler + "e";
    };
    EXPECT_THAT(read_payload(0, dictionary(extension_handshake_bytes_max)), SizeIs(1));
    EXPECT_THAT(read_payload(0, dictionary(extension_handshake_bytes_max + 1)), refused);
    EXPECT_THAT(read_payload(3, std::string(metadata_message_bytes_max + 1, 'x')), refused);
    EXPECT_THAT(read_payload(4, std::string(pex_message_bytes_max + 1, 'x')), refused);
}

// Values that make no sense are as if they were not there (row 41: metadata_size).
TEST_F(Extended, HandshakeValuesOutOfRange) {
    EXPECT_THAT(
        read_payload(0, "d13:metadata_sizei31457281e1:pi0e4:reqqi0e11:upload_only1:x1:vi5e6:yourip3:abce"),
        ElementsAre("extensions  p- q- m- - u-"));
    EXPECT_THAT(read_payload(0, "d13:metadata_sizei-5e1:pi65536e4:reqqi99999999999e11:upload_onlyi7ee"),
                ElementsAre("extensions  p- q4000 m- - u1"));
    EXPECT_THAT(read_payload(0, "d4:reqqi4294967296ee"), ElementsAre("extensions  p- q4000 m- - u-"));
    EXPECT_THAT(read_payload(0, "d13:metadata_sizei31457280e1:pi65535e4:reqqi1e11:upload_onlyi0ee"),
                ElementsAre("extensions  p65535 q1 m31457280 - u0"));
}

// Each address under the key of its family, or not at all.
TEST_F(Extended, AddressesOfTheSender) {
    const std::string v6 = std::string("\x20\x01\x0d\xb8", 4) + std::string(11, '\0') + "\x07";
    EXPECT_THAT(read_payload(0,
                             "d4:ipv44:\xc0\x22\x01\x05"
                             "4:ipv616:" +
                                 v6 + "e"),
                ElementsAre("extensions  p- q- m- - 4192.34.1.5 62001:db8::7 u-"));
    const std::string mapped = std::string(10, '\0') + "\xff\xff\x01\x02\x03\x04";
    EXPECT_THAT(read_payload(0, "d4:ipv416:" + v6 + "4:ipv616:" + mapped + "e"),
                ElementsAre("extensions  p- q- m- - u-"));
    ExtensionHandshake hello;
    hello.ipv4 = Address::v4(192, 34, 1, 5);
    hello.ipv6 = Address::parse("2001:db8::7");
    Buffer out;
    append(out, hello, ExtensionSet{});
    EXPECT_THAT(read_stream(all_on, out, [] { return 1; }),
                ElementsAre("extensions  p- q- m- - 4192.34.1.5 62001:db8::7 u-"));
}

// Row 44: ids that are 0, repeated, out of range, or renamed later.
TEST_F(Extended, HandshakesAddToTheIds) {
    PeerWire wire(all_on);
    std::vector<Event> events;
    const auto feed = [&](std::string_view payload) {
        Buffer out;
        append_extended(out, 0, as_bytes(payload));
        ASSERT_TRUE(wire.feed(out, events));
    };
    EXPECT_EQ(wire.peer_extensions(), ExtensionIds{});
    feed("d1:md11:lt_donthavei7e11:ut_metadatai7e6:ut_pexi256e7:unknowni9eee");
    EXPECT_EQ(wire.peer_extensions(), (ExtensionIds{{7, 0, 7, 0}}));
    feed("d1:md11:ut_metadatai0e6:ut_pexi255eee");
    EXPECT_EQ(wire.peer_extensions(), (ExtensionIds{{7, 0, 0, 255}}));
    feed("d1:mi5ee");
    feed("d1:md6:ut_pexi-1eee");
    EXPECT_EQ(wire.peer_extensions(), (ExtensionIds{{7, 0, 0, 255}}));
    EXPECT_FALSE(wire.peer_extensions().has(Extension::metadata));
}

TEST_F(Extended, NothingIsWrittenToWhoDoesNotTakeIt) {
    Buffer out;
    append(out, ExtensionIds{}, DontHave{PieceIndex(1)});
    append(out, ExtensionIds{}, Pex{});
    EXPECT_THAT(out, IsEmpty());
}

TEST_F(Extended, OurHandshakeNamesWhatIsOffered) {
    Buffer out;
    append(out, ExtensionHandshake{.client = "x"}, ExtensionSet{}.without(Extension::pex));
    EXPECT_EQ(as_text(out).substr(6), "d1:md11:lt_donthavei1e11:upload_onlyi2e11:ut_metadatai3ee1:v1:xe");
}

// Row 50, what can be said of one message.
TEST_F(Extended, PexTakesWholeContactsOnce) {
    EXPECT_THAT(read_payload(4, "d5:added13:\x7f\1\2\3\0\x50\x7f\1\2\3\0\x50!7:added.f1:\2e"),
                Not(IsEmpty()));
    std::string payload = "d5:added19:";
    payload += std::string("\x0a\1\2\3\0\x50\x0a\1\2\3\0\x50\x0a\1\2\3\0\0!", 19) + "7:added.f1:\2e";
    EXPECT_THAT(read_payload(4, payload), ElementsAre("pex +10.1.2.3:80/2"));
    payload = "d5:added3000:";
    for (int i = 0; i < 500; ++i) payload += std::string("\x0a\1") + char(i / 256) + char(i % 256) + "\1\1";
    payload += "e";
    PeerWire wire(all_on);
    std::vector<Event> events;
    Buffer out;
    append_extended(out, 4, as_bytes(payload));
    ASSERT_TRUE(wire.feed(out, events));
    EXPECT_THAT(std::get<Pex>(events[0]).added, SizeIs(pex_first_contacts_max));
    EXPECT_THAT(read_payload(4, "de"), ElementsAre("pex"));
    EXPECT_THAT(read_payload(4, "d5:addedi5e7:droppedlee"), ElementsAre("pex"));
}

}  // namespace
}  // namespace spate::wire
