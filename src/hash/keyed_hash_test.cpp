#include "hash/keyed_hash.h"

#include <cstring>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <unordered_map>
#include <vector>

#include "base/rng.h"

namespace spate::hash {
namespace {

SipKey counting_key() {
    SipKey key;
    for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(i);
    return key;
}

TEST(SipHash, PublishedVectors) {  // key 00 01 .. 0f, messages 00 01 .. of each length (the paper's appendix,
                                   // and its code)
    std::vector<std::uint8_t> message(15);
    for (std::size_t i = 0; i < message.size(); ++i) message[i] = static_cast<std::uint8_t>(i);
    EXPECT_EQ(siphash(counting_key(), message), 0xa129ca6149be45e5U);
    EXPECT_EQ(siphash(counting_key(), {}), 0x726fdb47dd0e0e31U);
}

std::uint64_t openssl_siphash(const SipKey& key, Bytes message) {
    EVP_MAC* mac = EVP_MAC_fetch(nullptr, "SIPHASH", nullptr);
    EVP_MAC_CTX* context = EVP_MAC_CTX_new(mac);
    unsigned size = 8;
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_uint("size", &size), OSSL_PARAM_construct_end()};
    std::array<std::uint8_t, 8> out{};
    std::size_t length = 0;
    EXPECT_EQ(EVP_MAC_init(context, key.data(), key.size(), parameters), 1);
    EXPECT_EQ(EVP_MAC_update(context, message.data(), message.size()), 1);
    EXPECT_EQ(EVP_MAC_final(context, out.data(), &length, out.size()), 1);
    EVP_MAC_CTX_free(context);
    EVP_MAC_free(mac);
    std::uint64_t value = 0;
    for (std::size_t i = 8; i-- > 0;) value = value << 8 | out[i];
    return value;
}

TEST(SipHash, AgreesWithOpensslForEveryLength) {
    Rng rng(3);
    std::vector<std::uint8_t> bytes(300);
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        SipKey key;
        for (auto& byte : key) byte = static_cast<std::uint8_t>(rng.next());
        for (auto& byte : bytes) byte = static_cast<std::uint8_t>(rng.next());
        const Bytes message = Bytes(bytes).first(length);
        ASSERT_EQ(siphash(key, message), openssl_siphash(key, message)) << length;
    }
}

TEST(KeyedHash, ServesContainersAndDependsOnItsKey) {
    std::unordered_map<std::string, int, KeyedHash> table(8, KeyedHash(counting_key()));
    table["one"] = 1;
    EXPECT_EQ(table.at("one"), 1);
    EXPECT_NE(KeyedHash(counting_key())("one"), KeyedHash(SipKey{})("one"));
}

}  // namespace
}  // namespace spate::hash
