#include "resample.h"

static int32_t joined(const cimaging_weight_pair *pair, size_t member) {
    return pair->high[member] * (1 << CIMAGING_LOW_BITS) + pair->low[member];
}

static uint8_t level(int32_t sum) {
    const int32_t rounded = sum >> CIMAGING_WEIGHT_BITS;
    return rounded < 0 ? 0 : rounded > 255 ? 255 : (uint8_t)rounded;
}

static const int32_t half = 1 << (CIMAGING_WEIGHT_BITS - 1);

void cimaging_resample_rows_portable(const uint8_t *input, size_t width, size_t stride, size_t rows,
                                     const cimaging_weights *weights, uint8_t *output, void *scratch) {
    (void)scratch;
    for (size_t y = 0; y < rows; y++) {
        const uint8_t *row = input + stride * y;
        for (size_t x = 0; x < weights->count; x++) {
            const cimaging_weight_pair *pairs = weights->weights + x * weights->stride;
            const size_t first = (size_t)weights->first[x];
            const size_t taps = 2 * (size_t)weights->pairs[x];
            const size_t inside = first + taps <= width ? taps : width - first;
            int32_t red = half, green = half, blue = half;
            for (size_t k = 0; k < inside; k++) {
                const int32_t weight = joined(pairs + k / 2, k % 2);
                const uint8_t *pixel = row + 3 * (first + k);
                red += weight * pixel[0];
                green += weight * pixel[1];
                blue += weight * pixel[2];
            }
            output[0] = level(red);
            output[1] = level(green);
            output[2] = level(blue);
            output += 3;
        }
    }
}

void cimaging_resample_columns_portable(const uint8_t *input, size_t rowBytes, size_t stride, size_t rows,
                                        const cimaging_weights *weights, uint8_t *output) {
    for (size_t y = 0; y < weights->count; y++) {
        const cimaging_weight_pair *pairs = weights->weights + y * weights->stride;
        const size_t first = (size_t)weights->first[y];
        const size_t taps = 2 * (size_t)weights->pairs[y];
        const size_t inside = first + taps <= rows ? taps : rows - first;
        for (size_t x = 0; x < rowBytes; x++) {
            int32_t sum = half;
            for (size_t k = 0; k < inside; k++) {
                sum += joined(pairs + k / 2, k % 2) * input[(first + k) * stride + x];
            }
            *output++ = level(sum);
        }
    }
}
