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

void bf16_pack_panels(const float *weights, size_t outputs, size_t channels, size_t taps, size_t merged, size_t columns,
                      uint16_t *packed) {
    const size_t elements = channels * taps, row = channels * merged, pairs = (row + 1) / 2;
    const size_t block_count = taps / merged * pairs * columns * 2;
    for (size_t block = 0; block < outputs; block += columns, packed += block_count) {
        const size_t count = outputs - block < columns ? outputs - block : columns;
        memset(packed, 0, block_count * sizeof *packed);
        for (size_t n = 0; n < count; n++) {
            const float *filter = weights + (block + n) * elements;
            for (size_t channel = 0; channel < channels; channel++) {
                for (size_t tap = 0; tap < taps; tap++) {
                    const size_t k = tap * channels + channel, in_row = k % row;
                    const size_t pair = k / row * pairs + in_row / 2;
                    packed[(pair * columns + n) * 2 + in_row % 2] = rounded(filter[channel * taps + tap]);
                }
            }
        }
    }
}

static size_t blocks(size_t channels) { return (channels + bf16_depthwise_block - 1) / bf16_depthwise_block; }

size_t bf16_depthwise_weight_count(size_t channels, size_t kernel_height, size_t kernel_width) {
    const size_t pairs = bf16_depthwise_pairs(kernel_width, false) + bf16_depthwise_pairs(kernel_width, true);
    return blocks(channels) * kernel_height * pairs * bf16_depthwise_block * 2;
}

size_t bf16_depthwise_bias_count(size_t channels) { return blocks(channels) * bf16_depthwise_block; }

// The channel of a block that is in a lane of its two halves.
static size_t channel_of(size_t lane) { return lane % 16 / 4 * 8 + lane / 16 * 4 + lane % 4; }

void bf16_pack_depthwise(const float *weights, size_t channels, size_t kernel_height, size_t kernel_width,
                         uint16_t *packed) {
    for (size_t block = 0; block < channels; block += bf16_depthwise_block) {
        for (size_t row = 0; row < kernel_height; row++) {
            for (size_t odd = 0; odd < 2; odd++) {
                for (size_t pair = 0; pair < bf16_depthwise_pairs(kernel_width, odd); pair++) {
                    for (size_t i = 0; i < 2 * bf16_depthwise_block; i++) {
                        const size_t channel = block + channel_of(i / 2);
                        // Before the first column where the kernel begins with the second of a pair.
                        const size_t column = 2 * pair + i % 2 - odd;
                        const bool is_inside = channel < channels && column < kernel_width;
                        const size_t at = (channel * kernel_height + row) * kernel_width + column;
                        *packed++ = is_inside ? rounded(weights[at]) : 0;
                    }
                }
            }
        }
    }
}

void bf16_pack_depthwise_bias(const float *bias, size_t channels, float *packed) {
    for (size_t lane = 0; lane < bf16_depthwise_bias_count(channels); lane++) {
        const size_t block = lane / bf16_depthwise_block * bf16_depthwise_block;
        const size_t channel = block + channel_of(lane % bf16_depthwise_block);
        packed[lane] = bias && channel < channels ? bias[channel] : 0;
    }
}
