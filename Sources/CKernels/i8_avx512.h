// Whole numbers in AVX-512 registers: four bytes to each of 16 lanes.
#pragma once

#include <immintrin.h>
#include <stdint.h>
#include <string.h>

/// What a depthwise convolution computes side by side; its sums fill half of the registers.
#define I8_MOST_PLACES 2

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

/// The first `columns` columns, 1 … 32, of one row of floats or two, rounded and clamped.
static inline __attribute__((always_inline)) void i8_store_rows(uint8_t *p, size_t stride, size_t rows, f32v (*x)[2],
                                                                uint8_t lower, uint8_t upper, size_t columns) {
    const __m512i left = _mm512_packs_epi32(_mm512_cvtps_epi32(x[0][0]), _mm512_cvtps_epi32(x[1][0]));
    const __m512i right = _mm512_packs_epi32(_mm512_cvtps_epi32(x[0][1]), _mm512_cvtps_epi32(x[1][1]));
    // Packing saturates; what is left of clamping takes two instructions for both rows.
    __m512i bytes = _mm512_max_epu8(_mm512_packus_epi16(left, right), _mm512_set1_epi8((char)lower));
    bytes = _mm512_min_epu8(bytes, _mm512_set1_epi8((char)upper));
    // Packing goes by 16 bytes: four of each row and half, and so on.
    const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 2, 6, 10, 14, 1, 5, 9, 13, 3, 7, 11, 15);
    bytes = _mm512_permutexvar_epi32(order, bytes);
    const __m256i row[2] = {_mm512_castsi512_si256(bytes), _mm512_extracti64x4_epi64(bytes, 1)};
    for (size_t i = 0; i < rows; i++, p += stride) {
        if (columns == 32) {
            _mm256_storeu_si256((__m256i *)p, row[i]);
        } else {
            _mm256_mask_storeu_epi8(p, (__mmask32)(((uint64_t)1 << columns) - 1), row[i]);
        }
    }
}

static inline __mmask64 i8_first(size_t n) { return ((__mmask64)1 << n) - 1; }

/// The first `count` bytes, 1 … 64; zeros for the others.
static inline __attribute__((always_inline)) __m512i i8_load_bytes(const uint8_t *p, size_t count) {
    return count == 64 ? _mm512_loadu_si512(p) : _mm512_maskz_loadu_epi8(i8_first(count), p);
}

/// The first `count` bytes, 1 … 32, of both, each filled up with zeros.
static inline __attribute__((always_inline)) __m512i i8_load_halves(const uint8_t *low, const uint8_t *high,
                                                                    size_t count) {
    const __mmask32 first = (__mmask32)i8_first(count);
    const __m512i bytes = _mm512_castsi256_si512(_mm256_maskz_loadu_epi8(first, low));
    return _mm512_inserti64x4(bytes, _mm256_maskz_loadu_epi8(first, high), 1);
}

/// Interleaves four lines of bytes, each two of which follow one another in `low` and `high`, to quads.
static inline __attribute__((always_inline)) void i8_interleave(const __m512i *low, const __m512i *high,
                                                                i8_numbers *quads) {
    quads[0] = _mm512_unpacklo_epi16(low[0], low[1]);
    quads[1] = _mm512_unpackhi_epi16(low[0], low[1]);
    quads[2] = _mm512_unpacklo_epi16(high[0], high[1]);
    quads[3] = _mm512_unpackhi_epi16(high[0], high[1]);
}

/// Interleaves `count` channels, from `channel` on, of four columns: quads of bytes in the order that `i8_store_block`
/// undoes. For each of some places, two columns on from the one before.
static inline __attribute__((always_inline)) void i8_load_quads(const uint8_t *const *columns, size_t channel,
                                                                size_t count, const size_t places,
                                                                i8_numbers (*quads)[4]) {
    __m512i low[I8_MOST_PLACES + 1], high[I8_MOST_PLACES + 1];
    for (size_t i = 0; i <= places; i++) {
        const __m512i a = i8_load_bytes(columns[2 * i] + channel, count);
        const __m512i b = i8_load_bytes(columns[2 * i + 1] + channel, count);
        low[i] = _mm512_unpacklo_epi8(a, b);
        high[i] = _mm512_unpackhi_epi8(a, b);
    }
    for (size_t place = 0; place < places; place++) {
        i8_interleave(low + place, high + place, quads[place]);
    }
}

/// The same of two places, of up to half as many channels: the second one's follow the first one's.
static inline __attribute__((always_inline)) void i8_load_half_quads(const uint8_t *const *columns, size_t channel,
                                                                     size_t count, i8_numbers *quads) {
    __m512i line[4], low[2], high[2];
    for (size_t i = 0; i < 4; i++) {
        line[i] = i8_load_halves(columns[i] + channel, columns[i + 2] + channel, count);
    }
    for (size_t i = 0; i < 2; i++) {
        low[i] = _mm512_unpacklo_epi8(line[2 * i], line[2 * i + 1]);
        high[i] = _mm512_unpackhi_epi8(line[2 * i], line[2 * i + 1]);
    }
    i8_interleave(low, high, quads);
}

/// Four vectors of floats, rounded and clamped.
static inline __attribute__((always_inline)) __m512i i8_pack_block(const f32v *x, uint8_t lower, uint8_t upper) {
    const __m512i low = _mm512_packs_epi32(_mm512_cvtps_epi32(x[0]), _mm512_cvtps_epi32(x[1]));
    const __m512i high = _mm512_packs_epi32(_mm512_cvtps_epi32(x[2]), _mm512_cvtps_epi32(x[3]));
    // Packing saturates; what is left of clamping takes two instructions for all of them.
    const __m512i bytes = _mm512_max_epu8(_mm512_packus_epi16(low, high), _mm512_set1_epi8((char)lower));
    return _mm512_min_epu8(bytes, _mm512_set1_epi8((char)upper));
}

/// The first `count` channels of four vectors of floats, rounded and clamped.
static inline __attribute__((always_inline)) void i8_store_block(uint8_t *p, const f32v *x, uint8_t lower,
                                                                 uint8_t upper, size_t count) {
    const __m512i bytes = i8_pack_block(x, lower, upper);
    if (count == 64) {
        _mm512_storeu_si512(p, bytes);
    } else {
        _mm512_mask_storeu_epi8(p, i8_first(count), bytes);
    }
}

/// The same of two places, as from `i8_load_half_quads`; `high` is null where there is one.
static inline __attribute__((always_inline)) void i8_store_halves(uint8_t *low, uint8_t *high, const f32v *x,
                                                                  uint8_t lower, uint8_t upper, size_t count) {
    const __m512i bytes = i8_pack_block(x, lower, upper);
    const __mmask32 first = (__mmask32)i8_first(count);
    _mm256_mask_storeu_epi8(low, first, _mm512_castsi512_si256(bytes));
    if (high) {
        _mm256_mask_storeu_epi8(high, first, _mm512_extracti64x4_epi64(bytes, 1));
    }
}
