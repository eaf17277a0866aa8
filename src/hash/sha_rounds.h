// SHA-1 and SHA-256 compression (FIPS 180-4) over vectors: element l of every vector belongs to lane l.
// Included by the kernel_*.cpp files alone, each compiled for another instruction set.
//
// V names the vectors of one instruction set: V::Word, kLanes, and static functions broadcast, load, store,
// rotl<N>, shift_right<N>, xor3, choose, majority, and the two halves of loading a block, 16 words of each
// lane, transposed: start_load<Part>(w, data, offset) for Part 0 to 3, then finish_load<K>(w) for K 0 to 3,
// after which w[K], w[4 + K], w[8 + K] and w[12 + K] are the block's words. The halves are woven into the
// last rounds of the block before and the first ones of this: shuffles alone would leave half of the vector
// units idle.
//
// Everything here must have internal linkage, and no inline function of the standard library may be called:
// the linker keeps one copy of such a function, and it may be the one this CPU cannot execute.
#pragma once

#include <cstddef>
#include <cstdint>

#include "hash/kernels.h"

namespace spate::hash {
namespace {

template <int... I>
struct Rounds {};
template <int N, int... I>
struct RoundsUpTo : RoundsUpTo<N - 1, N - 1, I...> {};
template <int... I>
struct RoundsUpTo<0, I...> {
    using type = Rounds<I...>;
};
template <int N>
using UpTo = typename RoundsUpTo<N>::type;

constexpr std::uint32_t kSha1Constants[4] = {0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6};

// One round; the roles a to e wander through s instead of the values moving.
struct Sha1Rounds {
    static constexpr unsigned kWords = 5;
    static constexpr int kRounds = 80;

    template <class V, int I>
    [[gnu::always_inline]] static void round(typename V::Word* s, typename V::Word* w) {
        auto& a = s[(80 - I) % 5];
        auto& b = s[(81 - I) % 5];
        auto& c = s[(82 - I) % 5];
        auto& d = s[(83 - I) % 5];
        auto& e = s[(84 - I) % 5];
        if constexpr (I >= 16)
            w[I % 16] =
                V::template rotl<1>(V::xor3(w[I % 16] ^ w[(I + 13) % 16], w[(I + 8) % 16], w[(I + 2) % 16]));
        e += w[I % 16] + V::broadcast(kSha1Constants[I / 20]);
        // Rotated before the logic, which can then overwrite the last copy of b: three-input logic has no
        // free destination.
        const auto rotated = V::template rotl<30>(b);
        if constexpr (I < 20)
            e += V::choose(b, c, d);
        else if constexpr (I >= 40 && I < 60)
            e += V::majority(b, c, d);
        else
            e += V::xor3(b, c, d);
        e += V::template rotl<5>(a);
        b = rotated;
    }
};

constexpr std::uint32_t kSha256Constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

struct Sha256Rounds {
    static constexpr unsigned kWords = 8;
    static constexpr int kRounds = 64;

    template <class V, int I>
    [[gnu::always_inline]] static void round(typename V::Word* s, typename V::Word* w) {
        auto& a = s[(64 - I) % 8];
        auto& b = s[(65 - I) % 8];
        auto& c = s[(66 - I) % 8];
        auto& d = s[(67 - I) % 8];
        auto& e = s[(68 - I) % 8];
        auto& f = s[(69 - I) % 8];
        auto& g = s[(70 - I) % 8];
        auto& h = s[(71 - I) % 8];
        if constexpr (I >= 16) {
            const auto x = w[(I + 1) % 16];
            const auto y = w[(I + 14) % 16];
            w[I % 16] +=
                w[(I + 9) % 16] +
                V::xor3(V::template rotl<25>(x), V::template rotl<14>(x), V::template shift_right<3>(x)) +
                V::xor3(V::template rotl<15>(y), V::template rotl<13>(y), V::template shift_right<10>(y));
        }
        h += w[I % 16] + V::broadcast(kSha256Constants[I]);
        h += V::choose(e, f, g);
        h += V::xor3(V::template rotl<26>(e), V::template rotl<21>(e), V::template rotl<7>(e));
        d += h;
        h += V::majority(a, b, c);
        h += V::xor3(V::template rotl<30>(a), V::template rotl<19>(a), V::template rotl<10>(a));
    }
};

template <class V, class Algorithm, int I>
[[gnu::always_inline]] inline void round_and_load(typename V::Word* s, typename V::Word* w,
                                                  typename V::Word* next, const std::uint8_t* const* data,
                                                  std::size_t next_offset) {
    constexpr int kLastRounds = Algorithm::kRounds - 16;
    if constexpr (I < 4) V::template finish_load<I>(w);
    Algorithm::template round<V, I>(s, w);
    if constexpr (I >= kLastRounds && I % 4 == 3)
        V::template start_load<(I - kLastRounds) / 4>(next, data, next_offset);
}

template <class V, class Algorithm, int... I>
[[gnu::always_inline]] inline void all_rounds(typename V::Word* s, typename V::Word* w,
                                              typename V::Word* next, const std::uint8_t* const* data,
                                              std::size_t next_offset, Rounds<I...>) {
    (round_and_load<V, Algorithm, I>(s, w, next, data, next_offset), ...);
}

template <class V, class Algorithm>
[[gnu::always_inline]] inline void hash_lanes(std::uint32_t* state, const std::uint8_t* const* data,
                                              std::size_t blocks) {
    typename V::Word w[16];
    V::template start_load<0>(w, data, 0);
    V::template start_load<1>(w, data, 0);
    V::template start_load<2>(w, data, 0);
    V::template start_load<3>(w, data, 0);
    for (std::size_t block = 0; block < blocks; ++block) {
        const std::size_t next_block =
            block + 1 < blocks ? block + 1 : block;  // the last loads itself again, for nothing
        typename V::Word next[16];
        typename V::Word s[Algorithm::kWords];
        for (unsigned i = 0; i < Algorithm::kWords; ++i) s[i] = V::load(state + i * V::kLanes);
        all_rounds<V, Algorithm>(s, w, next, data, next_block * kHashBlock, UpTo<Algorithm::kRounds>{});
        for (unsigned i = 0; i < Algorithm::kWords; ++i)
            V::store(state + i * V::kLanes, V::load(state + i * V::kLanes) + s[i]);
        for (unsigned i = 0; i < 16; ++i) w[i] = next[i];
    }
}

}  // namespace
}  // namespace spate::hash
