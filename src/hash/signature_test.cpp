#include "hash/signature.h"

#include <algorithm>
#include <gtest/gtest.h>

#include "base/hex.h"

namespace spate::hash {
namespace {

template <class Octets>
Octets octets(std::string_view hex) {
    Octets out{};
    const auto bytes = from_hex(hex);
    EXPECT_TRUE(bytes && bytes->size() == out.size());
    std::ranges::copy(*bytes, out.begin());
    return out;
}

TEST(Signature, IsThatOfTheStandard) {  // RFC 8032, 7.1, tests 1 and 3
    const SigningKey first(
        octets<KeySeed>("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));
    EXPECT_EQ(to_hex(first.public_key()), "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    EXPECT_EQ(
        to_hex(first.sign({})),
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        "d25bf5f0595bbe24655141438e7a100b");
    const SigningKey third(
        octets<KeySeed>("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7"));
    const std::array<std::uint8_t, 2> message{0xaf, 0x82};
    EXPECT_EQ(
        to_hex(third.sign(message)),
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
        "4a7c15e9716ed28dc027beceea1ec40a");
}

TEST(Signature, HoldsForThisKeyAndMessageOnly) {
    const SigningKey key(KeySeed{1}), other(KeySeed{2});
    auto signature = key.sign(as_bytes("a message"));
    EXPECT_TRUE(is_signed_by(key.public_key(), signature, as_bytes("a message")));
    EXPECT_FALSE(is_signed_by(key.public_key(), signature, as_bytes("a Message")));
    EXPECT_FALSE(is_signed_by(other.public_key(), signature, as_bytes("a message")));
    for (const std::size_t at : {0U, 31U, 32U, 63U}) {
        auto bent = signature;
        bent[at] ^= 1;
        EXPECT_FALSE(is_signed_by(key.public_key(), bent, as_bytes("a message")));
    }
    PublicKey nonsense{};
    nonsense.fill(0xff);
    EXPECT_FALSE(is_signed_by(nonsense, signature, as_bytes("a message")));
}

// Under such a key one signature is right for every message (or for one of eight).
TEST(Signature, KeysOfSmallOrderSignNothing) {
    PublicKey identity{1};
    Signature signature{};
    signature[0] = 1;  // R the identity, S zero
    for (const char* message : {"a", "b", "c"})
        EXPECT_FALSE(is_signed_by(identity, signature, as_bytes(message)));
    identity.back() = 0x80;
    EXPECT_FALSE(is_signed_by(identity, signature, as_bytes("a")));
    EXPECT_FALSE(is_signed_by(PublicKey{}, Signature{}, as_bytes("a")));
}

}  // namespace
}  // namespace spate::hash
