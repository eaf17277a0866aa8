#include "wire/extension_messages.h"

#include "wire/limits.h"
#include "wire/test_streams.h"

namespace spate::wire {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

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
