#if defined(__x86_64__)

#include <immintrin.h>

#include "resample_x86.h"

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vnni"))), apply_to = function)

static __m512i bothWeights(const int16_t weights[2]) {
    int32_t two;
    memcpy(&two, weights, sizeof two);
    return _mm512_set1_epi32(two);
}

static __m512i rounded(__m512i high, __m512i low) {
    const __m512i half = _mm512_set1_epi32(1 << (CIMAGING_WEIGHT_BITS - 1));
    const __m512i sum = _mm512_add_epi32(_mm512_slli_epi32(high, CIMAGING_LOW_BITS), _mm512_add_epi32(low, half));
    return _mm512_srai_epi32(sum, CIMAGING_WEIGHT_BITS);
}

/// As spreadRows, with the pairs of all ROWS rows in one vector.
static void spreadAllRows(const uint8_t *input, size_t width, size_t stride, size_t present, __m128i *pairs) {
    const uint8_t *rows[ROWS];
    for (size_t row = 0; row < ROWS; row++) {
        rows[row] = input + stride * (row < present ? row : present - 1);
    }
    const __m512i first =
        _mm512_broadcast_i32x4(_mm_setr_epi8(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1));
    const __m512i second =
        _mm512_broadcast_i32x4(_mm_setr_epi8(6, -1, 9, -1, 7, -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1));
    size_t x = 0;
    for (; x + 6 <= width; x += 4) { // loads 16 bytes where four pixels have 12
        __m512i four = _mm512_castsi128_si512(_mm_loadu_si128((const __m128i *)(rows[0] + 3 * x)));
        four = _mm512_inserti32x4(four, _mm_loadu_si128((const __m128i *)(rows[1] + 3 * x)), 1);
        four = _mm512_inserti32x4(four, _mm_loadu_si128((const __m128i *)(rows[2] + 3 * x)), 2);
        four = _mm512_inserti32x4(four, _mm_loadu_si128((const __m128i *)(rows[3] + 3 * x)), 3);
        _mm512_store_si512(pairs + x / 2 * ROWS, _mm512_shuffle_epi8(four, first));
        _mm512_store_si512(pairs + (x / 2 + 1) * ROWS, _mm512_shuffle_epi8(four, second));
    }
    spreadRows(input + 3 * x, width - x, stride, present, pairs + x / 2 * ROWS);
}

/// One output pixel of ROWS rows, four bytes each: r g b and one that nobody reads.
static __m128i pixelOfRows(const __m128i *pairs, const cimaging_weight_pair *weights, size_t count) {
    __m512i high = _mm512_setzero_si512(), low = high;
    for (size_t k = 0; k < count; k++) {
        const __m512i rows = _mm512_load_si512(pairs + k * ROWS);
        high = _mm512_dpwssd_epi32(high, rows, bothWeights(weights[k].high));
        low = _mm512_dpwssd_epi32(low, rows, bothWeights(weights[k].low));
    }
    return _mm512_cvtusepi32_epi8(_mm512_max_epi32(rounded(high, low), _mm512_setzero_si512()));
}

/// Four pixels side by side, of ROWS rows each, as they lie in the rows: r g b twelve bytes long, and four that nobody
/// reads.
static void transposed(const __m128i pixels[4], __m128i rows[ROWS]) {
    const __m128i packed = _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
    const __m128i left01 = _mm_unpacklo_epi32(pixels[0], pixels[1]);
    const __m128i left23 = _mm_unpackhi_epi32(pixels[0], pixels[1]);
    const __m128i right01 = _mm_unpacklo_epi32(pixels[2], pixels[3]);
    const __m128i right23 = _mm_unpackhi_epi32(pixels[2], pixels[3]);
    rows[0] = _mm_shuffle_epi8(_mm_unpacklo_epi64(left01, right01), packed);
    rows[1] = _mm_shuffle_epi8(_mm_unpackhi_epi64(left01, right01), packed);
    rows[2] = _mm_shuffle_epi8(_mm_unpacklo_epi64(left23, right23), packed);
    rows[3] = _mm_shuffle_epi8(_mm_unpackhi_epi64(left23, right23), packed);
}

void cimaging_resample_rows_avx512(const uint8_t *input, size_t width, size_t stride, size_t rows,
                                   const cimaging_weights *weights, uint8_t *output, void *scratch) {
    __m128i *pairs = scratch;
    const size_t outputStride = 3 * weights->count;
    for (size_t y = 0; y < rows; y += ROWS) {
        const size_t present = rows - y < ROWS ? rows - y : ROWS;
        spreadAllRows(input + stride * y, width, stride, present, pairs);
        for (size_t x = 0; x < weights->count; x += 4) {
            const size_t together = weights->count - x < 4 ? weights->count - x : 4;
            __m128i pixels[4] = {0}, block[ROWS];
            for (size_t k = 0; k < together; k++) {
                pixels[k] = pixelOfRows(pairs + (size_t)weights->first[x + k] / 2 * ROWS,
                                        weights->weights + (x + k) * weights->stride, (size_t)weights->pairs[x + k]);
            }
            transposed(pixels, block);
            for (size_t row = 0; row < present; row++) {
                uint8_t *start = output + (y + row) * outputStride + 3 * x;
                if (x + 6 <= weights->count) { // the last four bytes go where the next pixels will overwrite them
                    _mm_storeu_si128((__m128i *)start, block[row]);
                } else {
                    memcpy(start, &block[row], 3 * together);
                }
            }
        }
    }
}

/// 64 bytes of one output row.
static __m512i bytesOfColumns(const uint8_t *input, size_t stride, size_t rows, size_t first,
                              const cimaging_weight_pair *weights, size_t count) {
    const __m512i zero = _mm512_setzero_si512();
    __m512i high[4] = {zero, zero, zero, zero}, low[4] = {zero, zero, zero, zero};
    for (size_t k = 0; k < count; k++) {
        const size_t upper = first + 2 * k;
        const size_t lower = upper + 1 < rows ? upper + 1 : upper; // past the end the weight is zero
        const __m512i a = _mm512_loadu_si512(input + upper * stride);
        const __m512i b = _mm512_loadu_si512(input + lower * stride);
        const __m512i left = _mm512_unpacklo_epi8(a, b), right = _mm512_unpackhi_epi8(a, b);
        const __m512i parts[4] = {_mm512_unpacklo_epi8(left, zero), _mm512_unpackhi_epi8(left, zero),
                                  _mm512_unpacklo_epi8(right, zero), _mm512_unpackhi_epi8(right, zero)};
        const __m512i highWeights = bothWeights(weights[k].high);
        const __m512i lowWeights = bothWeights(weights[k].low);
        for (size_t part = 0; part < 4; part++) {
            high[part] = _mm512_dpwssd_epi32(high[part], parts[part], highWeights);
            low[part] = _mm512_dpwssd_epi32(low[part], parts[part], lowWeights);
        }
    }
    // Packing works within each quarter of 128 bits, as unpacking did: the bytes are in order again.
    const __m512i left = _mm512_packs_epi32(rounded(high[0], low[0]), rounded(high[1], low[1]));
    const __m512i right = _mm512_packs_epi32(rounded(high[2], low[2]), rounded(high[3], low[3]));
    return _mm512_packus_epi16(left, right);
}

void cimaging_resample_columns_avx512(const uint8_t *input, size_t rowBytes, size_t stride, size_t rows,
                                      const cimaging_weights *weights, uint8_t *output) {
    const size_t width = sizeof(__m512i);
    if (rowBytes < width) {
        cimaging_resample_columns_avx2(input, rowBytes, stride, rows, weights, output);
        return;
    }
    for (size_t y = 0; y < weights->count; y++) {
        const size_t first = (size_t)weights->first[y];
        const cimaging_weight_pair *pairs = weights->weights + y * weights->stride;
        for (size_t x = 0; x < rowBytes; x += width) {
            const size_t start = x + width <= rowBytes ? x : rowBytes - width; // the last block overlaps its neighbour
            const __m512i bytes = bytesOfColumns(input + start, stride, rows, first, pairs, (size_t)weights->pairs[y]);
            _mm512_storeu_si512(output + y * rowBytes + start, bytes);
        }
    }
}

#pragma clang attribute pop

#endif
