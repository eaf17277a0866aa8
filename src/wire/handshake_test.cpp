#include "wire/handshake.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "wire/peer_id.h"

namespace spate::wire {
namespace {

Handshake example() {
    Handshake handshake{.reserved = our_reserved(true), .swarm = {1, 2, 3}, .peer_id = {9, 8, 7}};
    handshake.swarm.back() = 0xff;
    handshake.peer_id.back() = 0xee;
    return handshake;
}

TEST(Handshake, Octets) {
    const auto octets = to_bytes(example());
    EXPECT_EQ(as_text(octets).substr(0, 20),
              "\x13"
              "BitTorrent protocol");
    EXPECT_EQ(octets[25], 0x10);
    EXPECT_EQ(octets[27], 0x14);
    EXPECT_EQ(octets[28], 1);
    EXPECT_EQ(octets[48], 9);
}

TEST(Handshake, ReadAtOnceAndByteByByte) {
    const auto octets = to_bytes(example());
    std::vector<std::uint8_t> stream(octets.begin(), octets.end());
    stream.push_back(0);  // the first message's
    HandshakeReader reader;
    EXPECT_EQ(reader.feed(stream), handshake_size);
    EXPECT_EQ(reader.handshake(), example());
    EXPECT_EQ(reader.feed(stream), 0U);

    HandshakeReader slow;
    for (std::size_t i = 0; i < octets.size(); ++i) {
        EXPECT_EQ(slow.state(), HandshakeReader::State::reading);
        EXPECT_EQ(slow.reserved().has_value(), i >= 28);
        EXPECT_EQ(slow.swarm().has_value(), i >= 48);
        EXPECT_EQ(slow.feed(Bytes(octets).subspan(i, 1)), 1U);
    }
    EXPECT_EQ(slow.state(), HandshakeReader::State::complete);
    EXPECT_EQ(slow.handshake(), example());
}

TEST(Handshake, TheFirstWrongByteRefuses) {
    const auto octets = to_bytes(example());
    for (std::size_t wrong = 0; wrong < 20; ++wrong) {
        auto bad = octets;
        bad[wrong] ^= 1;
        HandshakeReader reader;
        EXPECT_EQ(reader.feed(bad), wrong + 1);
        EXPECT_EQ(reader.state(), HandshakeReader::State::refused);
        EXPECT_FALSE(reader.swarm());
        EXPECT_EQ(reader.feed(octets), 0U);
    }
}

TEST(Handshake, Bits) {
    EXPECT_TRUE(our_reserved(false).extended() && our_reserved(false).fast());
    EXPECT_FALSE(our_reserved(false).v2_upgrade() || our_reserved(false).dht());
    EXPECT_TRUE(our_reserved(true).v2_upgrade());
    EXPECT_FALSE(Reserved{}.extended() || Reserved{}.fast() || Reserved{}.v2_upgrade() || Reserved{}.dht());
}

TEST(PeerId, OursAreRandomBehindTheName) {
    Rng rng(1);
    const PeerId one = make_peer_id(rng), two = make_peer_id(rng);
    EXPECT_EQ(as_text(one).substr(0, 3), "-SP");
    EXPECT_EQ(as_text(one).substr(7, 1), "-");
    EXPECT_NE(one, two);
    EXPECT_EQ(client_name(one).substr(0, 6), "Spate ");
}

TEST(PeerId, NamesOfOthers) {
    const auto name = [](std::string_view text) {
        PeerId id{};
        std::ranges::copy(as_bytes(text), id.begin());
        return client_name(id);
    };
    EXPECT_EQ(name("-TR3000-abcdefghijkl"), "Transmission 3.0");
    EXPECT_EQ(name("-LT2080-abcdefghijkl"), "libtorrent 2.0.8");
    EXPECT_EQ(name("-lt0D98-abcdefghijkl"), "rtorrent 0.13.9.8");
    EXPECT_EQ(name("A2-1-36-0-abcdefghij"), "aria2 1.36.0");
    EXPECT_EQ(name("A2-\x1b\x1b\x1b-abcdefghijkl"), "aria2");
    EXPECT_EQ(name("-XX1234-abcdefghijkl"), "");
    EXPECT_EQ(name("-TR3000abcdefghijklm"), "");
    EXPECT_EQ(name(""), "");
}

}  // namespace
}  // namespace spate::wire
