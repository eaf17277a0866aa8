// 16 lanes in 512-bit registers: rotations and three-input logic are one instruction each.
#include "hash/kernel_functions.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include "hash/sha_rounds.h"

namespace spate::hash {
namespace {

struct Avx512 {
    static constexpr unsigned kLanes = 16;
    using Word = std::uint32_t __attribute__((vector_size(64)));

    static __m512i bits(Word x) { return (__m512i)x; }
    static Word word(__m512i x) { return (Word)x; }

    static Word load(const std::uint32_t* from) { return word(_mm512_load_si512(from)); }
    static void store(std::uint32_t* to, Word x) { _mm512_store_si512(to, bits(x)); }
    static Word broadcast(std::uint32_t x) { return word(_mm512_set1_epi32(static_cast<int>(x))); }

    template <int N>
    static Word rotl(Word x) {
        return word(_mm512_rol_epi32(bits(x), N));
    }
    template <int N>
    static Word shift_right(Word x) {
        return x >> N;
    }
    // The last argument is the truth table: result bit for (x, y, z) = 111 first, 000 last.
    static Word xor3(Word x, Word y, Word z) {
        return word(_mm512_ternarylogic_epi32(bits(x), bits(y), bits(z), 0x96));
    }
    static Word choose(Word x, Word y, Word z) {
        return word(_mm512_ternarylogic_epi32(bits(x), bits(y), bits(z), 0xca));
    }
    static Word majority(Word x, Word y, Word z) {
        return word(_mm512_ternarylogic_epi32(bits(x), bits(y), bits(z), 0xe8));
    }

    // A 16 x 16 transposition in four stages: within 128-bit quarters by pairs and quads, then the quarters.
    static void load_block(Word* w, const std::uint8_t* const* data, std::size_t offset) {
        constexpr std::size_t kAhead = 8 * kHashBlock;
        const __m512i swap =
            _mm512_broadcast_i32x4(_mm_setr_epi8(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12));
        __m512i quads[16];  // quads[4 * j + k]: quarter q holds word 4 * q + k of lanes 4 * j to 4 * j + 3
        for (unsigned j = 0; j < 4; ++j) {
            __m512i row[4];
            for (unsigned k = 0; k < 4; ++k) {
                const auto* at = data[4 * j + k] + offset;
                row[k] = _mm512_loadu_si512(at);
                _mm_prefetch(reinterpret_cast<const char*>(reinterpret_cast<std::uintptr_t>(at) + kAhead),
                             _MM_HINT_T0);
            }
            const __m512i low01 = _mm512_unpacklo_epi32(row[0], row[1]);
            const __m512i high01 = _mm512_unpackhi_epi32(row[0], row[1]);
            const __m512i low23 = _mm512_unpacklo_epi32(row[2], row[3]);
            const __m512i high23 = _mm512_unpackhi_epi32(row[2], row[3]);
            quads[4 * j + 0] = _mm512_unpacklo_epi64(low01, low23);
            quads[4 * j + 1] = _mm512_unpackhi_epi64(low01, low23);
            quads[4 * j + 2] = _mm512_unpacklo_epi64(high01, high23);
            quads[4 * j + 3] = _mm512_unpackhi_epi64(high01, high23);
        }
        for (unsigned k = 0; k < 4; ++k) {
            const __m512i front01 = _mm512_shuffle_i32x4(quads[k], quads[4 + k], 0x44);
            const __m512i back01 = _mm512_shuffle_i32x4(quads[k], quads[4 + k], 0xee);
            const __m512i front23 = _mm512_shuffle_i32x4(quads[8 + k], quads[12 + k], 0x44);
            const __m512i back23 = _mm512_shuffle_i32x4(quads[8 + k], quads[12 + k], 0xee);
            w[k] = word(_mm512_shuffle_epi8(_mm512_shuffle_i32x4(front01, front23, 0x88), swap));
            w[4 + k] = word(_mm512_shuffle_epi8(_mm512_shuffle_i32x4(front01, front23, 0xdd), swap));
            w[8 + k] = word(_mm512_shuffle_epi8(_mm512_shuffle_i32x4(back01, back23, 0x88), swap));
            w[12 + k] = word(_mm512_shuffle_epi8(_mm512_shuffle_i32x4(back01, back23, 0xdd), swap));
        }
    }
};

}  // namespace

void sha1_avx512(std::uint32_t* state, const std::uint8_t* const* data, std::size_t blocks) {
    sha1_lanes<Avx512>(state, data, blocks);
}
void sha256_avx512(std::uint32_t* state, const std::uint8_t* const* data, std::size_t blocks) {
    sha256_lanes<Avx512>(state, data, blocks);
}

}  // namespace spate::hash
#endif
