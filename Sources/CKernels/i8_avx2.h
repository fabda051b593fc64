// Whole numbers in AVX2 registers: four bytes to each of 8 lanes. Products go by 16 bits: _mm256_maddubs_epi16 would
// saturate.
#pragma once

#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#define I8_MOST_PLACES 1

typedef __m256i i32v;

/// The even and the odd ones of the four bytes of each lane, as 16 bits.
typedef struct {
    __m256i even;
    __m256i odd;
} i8_numbers;

typedef i8_numbers i8_weights;

static inline i32v i8_zero(void) { return _mm256_setzero_si256(); }

static inline i8_weights i8_load_weights(const int8_t *p) {
    const __m256i bytes = _mm256_load_si256((const __m256i *)p);
    return (i8_weights){_mm256_srai_epi16(_mm256_slli_epi16(bytes, 8), 8), _mm256_srai_epi16(bytes, 8)};
}

static inline i8_numbers i8_split(__m256i bytes) {
    return (i8_numbers){_mm256_and_si256(bytes, _mm256_set1_epi16(0xff)), _mm256_srli_epi16(bytes, 8)};
}

/// Four bytes in every lane.
static inline i8_numbers i8_broadcast(const uint8_t *p) {
    int32_t bits;
    memcpy(&bits, p, sizeof bits);
    return i8_split(_mm256_set1_epi32(bits));
}

/// sum + Σ numbers · weights, of the four bytes of each lane.
static inline i32v i8_dot(i32v sum, i8_numbers x, i8_weights weights) {
    sum = _mm256_add_epi32(sum, _mm256_madd_epi16(x.even, weights.even));
    return _mm256_add_epi32(sum, _mm256_madd_epi16(x.odd, weights.odd));
}

static inline f32v i8_to_floats(i32v x) { return _mm256_cvtepi32_ps(x); }

/// The first `n` bytes, 1 … 8, as floats; zeros for the others.
static inline f32v i8_load_first(const uint8_t *p, size_t n) {
    uint64_t bits = 0;
    memcpy(&bits, p, n);
    return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_cvtsi64_si128((int64_t)bits)));
}

/// The first `columns` columns, 1 … 16, of one row of floats or two, rounded and clamped.
static inline void i8_store_rows(uint8_t *p, size_t stride, size_t rows, f32v (*x)[2], uint8_t lower, uint8_t upper,
                                 size_t columns) {
    const __m256i left = _mm256_packs_epi32(_mm256_cvtps_epi32(x[0][0]), _mm256_cvtps_epi32(x[1][0]));
    const __m256i right = _mm256_packs_epi32(_mm256_cvtps_epi32(x[0][1]), _mm256_cvtps_epi32(x[1][1]));
    // Packing saturates.
    __m256i bytes = _mm256_max_epu8(_mm256_packus_epi16(left, right), _mm256_set1_epi8((char)lower));
    bytes = _mm256_min_epu8(bytes, _mm256_set1_epi8((char)upper));
    // Packing goes by 16 bytes: four of each row and half, and so on.
    bytes = _mm256_permutevar8x32_epi32(bytes, _mm256_setr_epi32(0, 4, 2, 6, 1, 5, 3, 7));
    const __m128i row[2] = {_mm256_castsi256_si128(bytes), _mm256_extracti128_si256(bytes, 1)};
    for (size_t i = 0; i < rows; i++, p += stride) {
        if (columns == sizeof row[i]) {
            _mm_storeu_si128((__m128i *)p, row[i]);
        } else {
            memcpy(p, row + i, columns);
        }
    }
}

static inline __m256i i8_load_bytes(const uint8_t *p, size_t count) {
    __m256i bytes = _mm256_setzero_si256();
    if (count == sizeof bytes) {
        return _mm256_loadu_si256((const __m256i *)p);
    }
    memcpy(&bytes, p, count);
    return bytes;
}

/// Interleaves `count` channels, from `channel` on, of four columns: quads of bytes in the order that `i8_store_block`
/// undoes. For each of some places, two columns on from the one before.
static inline void i8_load_quads(const uint8_t *const *columns, size_t channel, size_t count, size_t places,
                                 i8_numbers (*quads)[4]) {
    for (size_t place = 0; place < places; place++, columns += 2) {
        const __m256i a = i8_load_bytes(columns[0] + channel, count), b = i8_load_bytes(columns[1] + channel, count);
        const __m256i c = i8_load_bytes(columns[2] + channel, count), d = i8_load_bytes(columns[3] + channel, count);
        const __m256i low_ab = _mm256_unpacklo_epi8(a, b), high_ab = _mm256_unpackhi_epi8(a, b);
        const __m256i low_cd = _mm256_unpacklo_epi8(c, d), high_cd = _mm256_unpackhi_epi8(c, d);
        quads[place][0] = i8_split(_mm256_unpacklo_epi16(low_ab, low_cd));
        quads[place][1] = i8_split(_mm256_unpackhi_epi16(low_ab, low_cd));
        quads[place][2] = i8_split(_mm256_unpacklo_epi16(high_ab, high_cd));
        quads[place][3] = i8_split(_mm256_unpackhi_epi16(high_ab, high_cd));
    }
}

/// The first `count` channels of four vectors of floats, rounded and clamped.
static inline void i8_store_block(uint8_t *p, const f32v *x, uint8_t lower, uint8_t upper, size_t count) {
    const __m256i low = _mm256_packs_epi32(_mm256_cvtps_epi32(x[0]), _mm256_cvtps_epi32(x[1]));
    const __m256i high = _mm256_packs_epi32(_mm256_cvtps_epi32(x[2]), _mm256_cvtps_epi32(x[3]));
    // Packing saturates.
    __m256i bytes = _mm256_max_epu8(_mm256_packus_epi16(low, high), _mm256_set1_epi8((char)lower));
    bytes = _mm256_min_epu8(bytes, _mm256_set1_epi8((char)upper));
    if (count == sizeof bytes) {
        _mm256_storeu_si256((__m256i *)p, bytes);
    } else {
        memcpy(p, &bytes, count);
    }
}
