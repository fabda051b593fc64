#if defined(__x86_64__)

#include "resample_x86.h"

static __m128i bothWeights(const int16_t weights[2]) {
    int32_t two;
    memcpy(&two, weights, sizeof two);
    return _mm_set1_epi32(two);
}

static __m128i rounded(__m128i high, __m128i low) {
    const __m128i half = _mm_set1_epi32(1 << (CIMAGING_WEIGHT_BITS - 1));
    const __m128i sum = _mm_add_epi32(_mm_slli_epi32(high, CIMAGING_LOW_BITS), _mm_add_epi32(low, half));
    return _mm_srai_epi32(sum, CIMAGING_WEIGHT_BITS);
}

/// One output pixel of ROWS rows, four bytes each: r g b and one that nobody reads.
static __m128i pixelOfRows(const __m128i *pairs, const cimaging_weight_pair *weights, size_t count) {
    __m128i high[ROWS], low[ROWS];
    for (size_t row = 0; row < ROWS; row++) {
        high[row] = low[row] = _mm_setzero_si128();
    }
    for (size_t k = 0; k < count; k++) {
        const __m128i highWeights = bothWeights(weights[k].high);
        const __m128i lowWeights = bothWeights(weights[k].low);
        for (size_t row = 0; row < ROWS; row++) {
            const __m128i pixels = pairs[k * ROWS + row];
            high[row] = _mm_add_epi32(high[row], _mm_madd_epi16(pixels, highWeights));
            low[row] = _mm_add_epi32(low[row], _mm_madd_epi16(pixels, lowWeights));
        }
    }
    const __m128i top = _mm_packs_epi32(rounded(high[0], low[0]), rounded(high[1], low[1]));
    const __m128i bottom = _mm_packs_epi32(rounded(high[2], low[2]), rounded(high[3], low[3]));
    return _mm_packus_epi16(top, bottom);
}

void cimaging_resample_rows_sse2(const uint8_t *input, size_t width, size_t stride, size_t rows,
                                 const cimaging_weights *weights, uint8_t *output, void *scratch) {
    __m128i *pairs = scratch;
    const size_t outputStride = 3 * weights->count;
    for (size_t y = 0; y < rows; y += ROWS) {
        const size_t present = rows - y < ROWS ? rows - y : ROWS;
        spreadRows(input + stride * y, width, stride, present, pairs);
        for (size_t x = 0; x < weights->count; x++) {
            const __m128i *window = pairs + (size_t)weights->first[x] / 2 * ROWS;
            const __m128i pixels =
                pixelOfRows(window, weights->weights + x * weights->stride, (size_t)weights->pairs[x]);
            uint8_t bytes[4 * ROWS];
            _mm_storeu_si128((__m128i *)bytes, pixels);
            for (size_t row = 0; row < present; row++) {
                storePixel(output + (y + row) * outputStride + 3 * x, bytes + 4 * row, x + 1 == weights->count);
            }
        }
    }
}

/// Sixteen bytes of one output row.
static __m128i bytesOfColumns(const uint8_t *input, size_t stride, size_t rows, size_t first,
                              const cimaging_weight_pair *weights, size_t count) {
    __m128i high[4], low[4];
    for (size_t part = 0; part < 4; part++) {
        high[part] = low[part] = _mm_setzero_si128();
    }
    for (size_t k = 0; k < count; k++) {
        const size_t upper = first + 2 * k;
        const size_t lower = upper + 1 < rows ? upper + 1 : upper; // past the end the weight is zero
        const __m128i a = _mm_loadu_si128((const __m128i *)(input + upper * stride));
        const __m128i b = _mm_loadu_si128((const __m128i *)(input + lower * stride));
        const __m128i left = _mm_unpacklo_epi8(a, b), right = _mm_unpackhi_epi8(a, b);
        const __m128i zero = _mm_setzero_si128();
        const __m128i parts[4] = {_mm_unpacklo_epi8(left, zero), _mm_unpackhi_epi8(left, zero),
                                  _mm_unpacklo_epi8(right, zero), _mm_unpackhi_epi8(right, zero)};
        const __m128i highWeights = bothWeights(weights[k].high);
        const __m128i lowWeights = bothWeights(weights[k].low);
        for (size_t part = 0; part < 4; part++) {
            high[part] = _mm_add_epi32(high[part], _mm_madd_epi16(parts[part], highWeights));
            low[part] = _mm_add_epi32(low[part], _mm_madd_epi16(parts[part], lowWeights));
        }
    }
    const __m128i left = _mm_packs_epi32(rounded(high[0], low[0]), rounded(high[1], low[1]));
    const __m128i right = _mm_packs_epi32(rounded(high[2], low[2]), rounded(high[3], low[3]));
    return _mm_packus_epi16(left, right);
}

void cimaging_resample_columns_sse2(const uint8_t *input, size_t rowBytes, size_t stride, size_t rows,
                                    const cimaging_weights *weights, uint8_t *output) {
    const size_t width = sizeof(__m128i);
    if (rowBytes < width) {
        cimaging_resample_columns_portable(input, rowBytes, stride, rows, weights, output);
        return;
    }
    for (size_t y = 0; y < weights->count; y++) {
        const size_t first = (size_t)weights->first[y];
        const cimaging_weight_pair *pairs = weights->weights + y * weights->stride;
        for (size_t x = 0; x < rowBytes; x += width) {
            const size_t start = x + width <= rowBytes ? x : rowBytes - width; // the last block overlaps its neighbour
            const __m128i bytes = bytesOfColumns(input + start, stride, rows, first, pairs, (size_t)weights->pairs[y]);
            _mm_storeu_si128((__m128i *)(output + y * rowBytes + start), bytes);
        }
    }
}

#endif
