// 1, 2 and 4 lanes by the processor's SHA instructions. One chain waits for itself most of the time: the
// instructions take turns, and those of other lanes fill the gaps. Internal linkage as in sha_rounds.h.
#include "hash/kernel_functions.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include "hash/kernels.h"
#include "hash/sha_rounds.h"

namespace spate::hash {
namespace {

// Calls step once for each index, unrolled: the instructions want their round as a constant.
template <int I>
struct Index {
    static constexpr int value = I;
};
template <class Step, int... I>
[[gnu::always_inline]] inline void each(Step step, Rounds<I...>) {
    (step(Index<I>{}), ...);
}

[[gnu::always_inline]] inline __m128i load(const std::uint8_t* at) {
    constexpr std::size_t ahead = 8 * kHashBlock;
    _mm_prefetch(reinterpret_cast<const char*>(reinterpret_cast<std::uintptr_t>(at) + ahead), _MM_HINT_T0);
    return _mm_loadu_si128(reinterpret_cast<const __m128i_u*>(at));
}
[[gnu::always_inline]] inline int word(const std::uint32_t* state, unsigned lanes, unsigned lane,
                                       unsigned index) {
    return static_cast<int>(state[index * lanes + lane]);
}
template <int Index>
[[gnu::always_inline]] inline void set_word(std::uint32_t* state, unsigned lanes, unsigned lane,
                                            unsigned index, __m128i x) {
    state[index * lanes + lane] = static_cast<std::uint32_t>(_mm_extract_epi32(x, Index));
}

template <unsigned Lanes>
[[gnu::always_inline]] inline void sha1(std::uint32_t* state, const std::uint8_t* const* data,
                                        std::size_t blocks) {
    const __m128i order = _mm_set_epi64x(0x0001020304050607, 0x08090a0b0c0d0e0f);
    __m128i abcd[Lanes], e[Lanes];
    for (unsigned l = 0; l < Lanes; ++l) {
        abcd[l] = _mm_set_epi32(word(state, Lanes, l, 0), word(state, Lanes, l, 1), word(state, Lanes, l, 2),
                                word(state, Lanes, l, 3));
        e[l] = _mm_set_epi32(word(state, Lanes, l, 4), 0, 0, 0);
    }
    for (std::size_t block = 0; block < blocks; ++block) {
        __m128i w[Lanes][4], next[Lanes], abcd_before[Lanes], e_before[Lanes];
        for (unsigned l = 0; l < Lanes; ++l) {
            abcd_before[l] = abcd[l];
            e_before[l] = e[l];
            for (unsigned i = 0; i < 4; ++i)
                w[l][i] = _mm_shuffle_epi8(load(data[l] + block * kHashBlock + 16 * i), order);
            next[l] = _mm_add_epi32(e[l], w[l][0]);
        }
        const auto four_rounds = [&](auto index) __attribute__((always_inline)) {
            constexpr int i = decltype(index)::value;
            for (unsigned l = 0; l < Lanes; ++l) {
                const __m128i before = abcd[l];
                abcd[l] = _mm_sha1rnds4_epu32(before, next[l], i / 5);
                if constexpr (i >= 3 && i < 19) {
                    auto& oldest = w[l][(i + 1) % 4];
                    oldest = _mm_sha1msg2_epu32(
                        _mm_xor_si128(_mm_sha1msg1_epu32(oldest, w[l][(i + 2) % 4]), w[l][(i + 3) % 4]),
                        w[l][i % 4]);
                }
                if constexpr (i < 19)
                    next[l] = _mm_sha1nexte_epu32(before, w[l][(i + 1) % 4]);
                else
                    e[l] = _mm_sha1nexte_epu32(before, e_before[l]);
            }
        };
        each(four_rounds, UpTo<20>{});
        for (unsigned l = 0; l < Lanes; ++l) abcd[l] = _mm_add_epi32(abcd[l], abcd_before[l]);
    }
    for (unsigned l = 0; l < Lanes; ++l) {
        set_word<3>(state, Lanes, l, 0, abcd[l]);
        set_word<2>(state, Lanes, l, 1, abcd[l]);
        set_word<1>(state, Lanes, l, 2, abcd[l]);
        set_word<0>(state, Lanes, l, 3, abcd[l]);
        set_word<3>(state, Lanes, l, 4, e[l]);
    }
}

// The instructions take the state as (a, b, e, f) and (c, d, g, h), the first of each in the highest word.
template <unsigned Lanes>
[[gnu::always_inline]] inline void sha256(std::uint32_t* state, const std::uint8_t* const* data,
                                          std::size_t blocks) {
    const __m128i order = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    __m128i abef[Lanes], cdgh[Lanes];
    for (unsigned l = 0; l < Lanes; ++l) {
        abef[l] = _mm_set_epi32(word(state, Lanes, l, 0), word(state, Lanes, l, 1), word(state, Lanes, l, 4),
                                word(state, Lanes, l, 5));
        cdgh[l] = _mm_set_epi32(word(state, Lanes, l, 2), word(state, Lanes, l, 3), word(state, Lanes, l, 6),
                                word(state, Lanes, l, 7));
    }
    for (std::size_t block = 0; block < blocks; ++block) {
        __m128i w[Lanes][4], abef_before[Lanes], cdgh_before[Lanes];
        for (unsigned l = 0; l < Lanes; ++l) {
            abef_before[l] = abef[l];
            cdgh_before[l] = cdgh[l];
            for (unsigned i = 0; i < 4; ++i)
                w[l][i] = _mm_shuffle_epi8(load(data[l] + block * kHashBlock + 16 * i), order);
        }
        const auto four_rounds = [&](auto index) __attribute__((always_inline)) {
            constexpr int i = decltype(index)::value;
            const __m128i constants =
                _mm_loadu_si128(reinterpret_cast<const __m128i_u*>(kSha256Constants + 4 * i));
            for (unsigned l = 0; l < Lanes; ++l) {
                auto& now = w[l][i % 4];
                if constexpr (i >= 4) {
                    const __m128i newest = w[l][(i + 3) % 4];
                    const __m128i seven_back = _mm_alignr_epi8(newest, w[l][(i + 2) % 4], 4);
                    now = _mm_sha256msg2_epu32(
                        _mm_add_epi32(_mm_sha256msg1_epu32(now, w[l][(i + 1) % 4]), seven_back), newest);
                }
                const __m128i sum = _mm_add_epi32(now, constants);
                cdgh[l] = _mm_sha256rnds2_epu32(cdgh[l], abef[l], sum);
                abef[l] = _mm_sha256rnds2_epu32(abef[l], cdgh[l], _mm_shuffle_epi32(sum, 0x0e));
            }
        };
        each(four_rounds, UpTo<16>{});
        for (unsigned l = 0; l < Lanes; ++l) {
            abef[l] = _mm_add_epi32(abef[l], abef_before[l]);
            cdgh[l] = _mm_add_epi32(cdgh[l], cdgh_before[l]);
        }
    }
    for (unsigned l = 0; l < Lanes; ++l) {
        set_word<3>(state, Lanes, l, 0, abef[l]);
        set_word<2>(state, Lanes, l, 1, abef[l]);
        set_word<3>(state, Lanes, l, 2, cdgh[l]);
        set_word<2>(state, Lanes, l, 3, cdgh[l]);
        set_word<1>(state, Lanes, l, 4, abef[l]);
        set_word<0>(state, Lanes, l, 5, abef[l]);
        set_word<1>(state, Lanes, l, 6, cdgh[l]);
        set_word<0>(state, Lanes, l, 7, cdgh[l]);
    }
}

}  // namespace

void sha1_sha_ni(std::uint32_t* state, const std::uint8_t* const* data, std::size_t blocks) {
    sha1<1>(state, data, blocks);
}
void sha1_sha_ni_2(std::uint32_t* state, const std::uint8_t* const* data, std::size_t blocks) {
    sha1<2>(state, data, blocks);
}
void sha1_sha_ni_4(std::uint32_t* state, const std::uint8_t* const* data, std::size_t blocks) {
    sha1<4>(state, data, blocks);
}
void sha256_sha_ni(std::uint32_t* state, const std::uint8_t* const* data, std::size_t blocks) {
    sha256<1>(state, data, blocks);
}
void sha256_sha_ni_2(std::uint32_t* state, const std::uint8_t* const* data, std::size_t blocks) {
    sha256<2>(state, data, blocks);
}
void sha256_sha_ni_4(std::uint32_t* state, const std::uint8_t* const* data, std::size_t blocks) {
    sha256<4>(state, data, blocks);
}

}  // namespace spate::hash
#endif
