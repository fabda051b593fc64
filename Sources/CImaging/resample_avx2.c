#if defined(__x86_64__)

#include <immintrin.h>

#include "resample_x86.h"

#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)

static __m256i bothWeights(const int16_t weights[2]) {
    int32_t two;
    memcpy(&two, weights, sizeof two);
    return _mm256_set1_epi32(two);
}

static __m256i rounded(__m256i high, __m256i low) {
    const __m256i half = _mm256_set1_epi32(1 << (CIMAGING_WEIGHT_BITS - 1));
    const __m256i sum = _mm256_add_epi32(_mm256_slli_epi32(high, CIMAGING_LOW_BITS), _mm256_add_epi32(low, half));
    return _mm256_srai_epi32(sum, CIMAGING_WEIGHT_BITS);
}

/// One output pixel of ROWS rows in four bytes each, rows 0 and 2 in the lower half, 1 and 3 in the upper.
static __m256i pixelOfRows(const __m128i *pairs, const cimaging_weight_pair *weights, size_t count) {
    __m256i high01 = _mm256_setzero_si256(), high23 = high01, low01 = high01, low23 = high01;
    for (size_t k = 0; k < count; k++) {
        const __m256i highWeights = bothWeights(weights[k].high);
        const __m256i lowWeights = bothWeights(weights[k].low);
        const __m256i rows01 = _mm256_loadu_si256((const __m256i *)(pairs + k * ROWS));
        const __m256i rows23 = _mm256_loadu_si256((const __m256i *)(pairs + k * ROWS + 2));
        high01 = _mm256_add_epi32(high01, _mm256_madd_epi16(rows01, highWeights));
        high23 = _mm256_add_epi32(high23, _mm256_madd_epi16(rows23, highWeights));
        low01 = _mm256_add_epi32(low01, _mm256_madd_epi16(rows01, lowWeights));
        low23 = _mm256_add_epi32(low23, _mm256_madd_epi16(rows23, lowWeights));
    }
    const __m256i words = _mm256_packs_epi32(rounded(high01, low01), rounded(high23, low23));
    return _mm256_packus_epi16(words, words);
}

void cimaging_resample_rows_avx2(const uint8_t *input, size_t width, size_t stride, size_t rows,
                                 const cimaging_weights *weights, uint8_t *output, void *scratch) {
    static const size_t place[ROWS] = {0, 16, 4, 20};
    __m128i *pairs = scratch;
    const size_t outputStride = 3 * weights->count;
    for (size_t y = 0; y < rows; y += ROWS) {
        const size_t present = rows - y < ROWS ? rows - y : ROWS;
        spreadRows(input + stride * y, width, stride, present, pairs);
        for (size_t x = 0; x < weights->count; x++) {
            const __m128i *window = pairs + (size_t)weights->first[x] / 2 * ROWS;
            const __m256i pixels =
                pixelOfRows(window, weights->weights + x * weights->stride, (size_t)weights->pairs[x]);
            uint8_t bytes[sizeof pixels];
            _mm256_storeu_si256((__m256i *)bytes, pixels);
            for (size_t row = 0; row < present; row++) {
                storePixel(output + (y + row) * outputStride + 3 * x, bytes + place[row], x + 1 == weights->count);
            }
        }
    }
}

/// 32 bytes of one output row.
static __m256i bytesOfColumns(const uint8_t *input, size_t stride, size_t rows, size_t first,
                              const cimaging_weight_pair *weights, size_t count) {
    __m256i high[4], low[4];
    for (size_t part = 0; part < 4; part++) {
        high[part] = low[part] = _mm256_setzero_si256();
    }
    for (size_t k = 0; k < count; k++) {
        const size_t upper = first + 2 * k;
        const size_t lower = upper + 1 < rows ? upper + 1 : upper; // past the end the weight is zero
        const __m256i a = _mm256_loadu_si256((const __m256i *)(input + upper * stride));
        const __m256i b = _mm256_loadu_si256((const __m256i *)(input + lower * stride));
        const __m256i left = _mm256_unpacklo_epi8(a, b), right = _mm256_unpackhi_epi8(a, b);
        const __m256i zero = _mm256_setzero_si256();
        const __m256i parts[4] = {_mm256_unpacklo_epi8(left, zero), _mm256_unpackhi_epi8(left, zero),
                                  _mm256_unpacklo_epi8(right, zero), _mm256_unpackhi_epi8(right, zero)};
        const __m256i highWeights = bothWeights(weights[k].high);
        const __m256i lowWeights = bothWeights(weights[k].low);
        for (size_t part = 0; part < 4; part++) {
            high[part] = _mm256_add_epi32(high[part], _mm256_madd_epi16(parts[part], highWeights));
            low[part] = _mm256_add_epi32(low[part], _mm256_madd_epi16(parts[part], lowWeights));
        }
    }
    // Packing works within each half of 128 bits, as unpacking did: the bytes are in order again.
    const __m256i left = _mm256_packs_epi32(rounded(high[0], low[0]), rounded(high[1], low[1]));
    const __m256i right = _mm256_packs_epi32(rounded(high[2], low[2]), rounded(high[3], low[3]));
    return _mm256_packus_epi16(left, right);
}

void cimaging_resample_columns_avx2(const uint8_t *input, size_t rowBytes, size_t stride, size_t rows,
                                    const cimaging_weights *weights, uint8_t *output) {
    const size_t width = sizeof(__m256i);
    if (rowBytes < width) {
        cimaging_resample_columns_sse2(input, rowBytes, stride, rows, weights, output);
        return;
    }
    for (size_t y = 0; y < weights->count; y++) {
        const size_t first = (size_t)weights->first[y];
        const cimaging_weight_pair *pairs = weights->weights + y * weights->stride;
        for (size_t x = 0; x < rowBytes; x += width) {
            const size_t start = x + width <= rowBytes ? x : rowBytes - width; // the last block overlaps its neighbour
            const __m256i bytes = bytesOfColumns(input + start, stride, rows, first, pairs, (size_t)weights->pairs[y]);
            _mm256_storeu_si256((__m256i *)(output + y * rowBytes + start), bytes);
        }
    }
}

#pragma clang attribute pop

#endif
