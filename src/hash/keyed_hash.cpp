#include "hash/keyed_hash.h"

#include <bit>

namespace spate::hash {

namespace {

std::uint64_t little_endian(const std::uint8_t* at, std::size_t count) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < count; ++i) value |= std::uint64_t{at[i]} << (8 * i);
    return value;
}

struct State {
    std::uint64_t v0, v1, v2, v3;

    explicit State(const SipKey& key) {
        const std::uint64_t k0 = little_endian(key.data(), 8);
        const std::uint64_t k1 = little_endian(key.data() + 8, 8);
        v0 = k0 ^ 0x736f6d6570736575;
        v1 = k1 ^ 0x646f72616e646f6d;
        v2 = k0 ^ 0x6c7967656e657261;
        v3 = k1 ^ 0x7465646279746573;
    }
    void rounds(int count) {
        for (int i = 0; i < count; ++i) {
            v0 += v1;
            v2 += v3;
            v1 = std::rotl(v1, 13) ^ v0;
            v3 = std::rotl(v3, 16) ^ v2;
            v0 = std::rotl(v0, 32) + v3;
            v2 += v1;
            v1 = std::rotl(v1, 17) ^ v2;
            v3 = std::rotl(v3, 21) ^ v0;
            v2 = std::rotl(v2, 32);
        }
    }
    void take(std::uint64_t word) {
        v3 ^= word;
        rounds(2);
        v0 ^= word;
    }
};

}  // namespace

std::uint64_t siphash(const SipKey& key, Bytes message) {
    State state(key);
    const std::size_t words = message.size() / 8;
    for (std::size_t i = 0; i < words; ++i) state.take(little_endian(message.data() + 8 * i, 8));
    const std::uint64_t length = std::uint64_t{message.size()} << 56;  // its lowest byte counts
    state.take(little_endian(message.data() + 8 * words, message.size() % 8) | length);
    state.v2 ^= 0xff;
    state.rounds(4);
    return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

}  // namespace spate::hash
