// Whole numbers in AVX-512 registers: four bytes to each of 16 lanes.
#pragma once

#include <immintrin.h>
#include <stdint.h>
#include <string.h>

typedef __m512i i32v;
typedef __m512i i8_numbers;
typedef __m512i i8_weights;

static inline i32v i8_zero(void) { return _mm512_setzero_si512(); }

static inline i8_weights i8_load_weights(const int8_t *p) { return _mm512_load_si512(p); }

/// Four bytes in every lane.
static inline i8_numbers i8_broadcast(const uint8_t *p) {
    int32_t bits;
    memcpy(&bits, p, sizeof bits);
    return _mm512_set1_epi32(bits);
}

/// sum + Σ numbers · weights, of the four bytes of each lane.
static inline i32v i8_dot(i32v sum, i8_numbers x, i8_weights weights) { return _mm512_dpbusd_epi32(sum, x, weights); }

static inline f32v i8_to_floats(i32v x) { return _mm512_cvtepi32_ps(x); }

/// The first `n` bytes, 1 … 16, as floats; zeros for the others.
static inline f32v i8_load_first(const uint8_t *p, size_t n) {
    return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(f32_first(n), p)));
}

/// The first `n`, 1 … 16, of floats within 0 … 255, rounded.
static inline void i8_store_first(uint8_t *p, f32v x, size_t n) {
    const __m128i bytes = _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(x));
    if (n == 16) {
        _mm_storeu_si128((__m128i *)p, bytes);
    } else {
        _mm_mask_storeu_epi8(p, f32_first(n), bytes);
    }
}

static inline __mmask64 i8_first(size_t n) { return ((__mmask64)1 << n) - 1; }

/// The first `count` bytes, 1 … 64; zeros for the others.
static inline __attribute__((always_inline)) __m512i i8_load_bytes(const uint8_t *p, size_t count) {
    return count == 64 ? _mm512_loadu_si512(p) : _mm512_maskz_loadu_epi8(i8_first(count), p);
}

/// Interleaves `count` channels, from `channel` on, of four columns: quads of bytes in the order that `i8_store_block`
/// undoes.
static inline __attribute__((always_inline)) void i8_load_quads(const uint8_t *const *columns, size_t channel,
                                                                size_t count, i8_numbers *quads) {
    const __m512i a = i8_load_bytes(columns[0] + channel, count), b = i8_load_bytes(columns[1] + channel, count);
    const __m512i c = i8_load_bytes(columns[2] + channel, count), d = i8_load_bytes(columns[3] + channel, count);
    const __m512i low_ab = _mm512_unpacklo_epi8(a, b), high_ab = _mm512_unpackhi_epi8(a, b);
    const __m512i low_cd = _mm512_unpacklo_epi8(c, d), high_cd = _mm512_unpackhi_epi8(c, d);
    quads[0] = _mm512_unpacklo_epi16(low_ab, low_cd);
    quads[1] = _mm512_unpackhi_epi16(low_ab, low_cd);
    quads[2] = _mm512_unpacklo_epi16(high_ab, high_cd);
    quads[3] = _mm512_unpackhi_epi16(high_ab, high_cd);
}

/// The first `count` channels of four vectors of floats, rounded and clamped.
static inline __attribute__((always_inline)) void i8_store_block(uint8_t *p, const f32v *x, uint8_t lower,
                                                                 uint8_t upper, size_t count) {
    const __m512i low = _mm512_packs_epi32(_mm512_cvtps_epi32(x[0]), _mm512_cvtps_epi32(x[1]));
    const __m512i high = _mm512_packs_epi32(_mm512_cvtps_epi32(x[2]), _mm512_cvtps_epi32(x[3]));
    // Packing saturates; what is left of clamping takes two instructions for all of them.
    __m512i bytes = _mm512_max_epu8(_mm512_packus_epi16(low, high), _mm512_set1_epi8((char)lower));
    bytes = _mm512_min_epu8(bytes, _mm512_set1_epi8((char)upper));
    if (count == 64) {
        _mm512_storeu_si512(p, bytes);
    } else {
        _mm512_mask_storeu_epi8(p, i8_first(count), bytes);
    }
}
