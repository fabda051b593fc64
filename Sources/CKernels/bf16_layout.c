#include "bf16_kernels.h"

#include <string.h>

// To the nearest, half to even; a NaN stays one.
static uint16_t rounded(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    if ((bits & 0x7fffffff) > 0x7f800000) {
        return (uint16_t)(bits >> 16 | 0x40);
    }
    return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

void bf16_pack_panels(const float *weights, size_t outputs, size_t channels, size_t taps, size_t columns,
                      uint16_t *packed) {
    const size_t elements = channels * taps, pairs = (elements + 1) / 2;
    for (size_t block = 0; block < outputs; block += columns, packed += pairs * columns * 2) {
        const size_t count = outputs - block < columns ? outputs - block : columns;
        memset(packed, 0, pairs * columns * 2 * sizeof *packed);
        for (size_t n = 0; n < count; n++) {
            const float *filter = weights + (block + n) * elements;
            for (size_t channel = 0; channel < channels; channel++) {
                for (size_t tap = 0; tap < taps; tap++) {
                    const size_t k = tap * channels + channel;
                    packed[(k / 2 * columns + n) * 2 + k % 2] = rounded(filter[channel * taps + tap]);
                }
            }
        }
    }
}
