#include "i8_layout.h"

#include <math.h>
#include <string.h>

void i8_round_weights(const float *weights, const float *scales, size_t outputs, size_t elements, int8_t *rounded) {
    for (size_t n = 0; n < outputs; n++) {
        for (size_t i = 0; i < elements; i++) {
            const float whole = rintf(weights[n * elements + i] / scales[n]);
            // A NaN becomes −128.
            rounded[n * elements + i] = (int8_t)(whole > -128.0f ? whole < 127.0f ? whole : 127.0f : -128.0f);
        }
    }
}

void i8_pack_panels(const int8_t *weights, size_t outputs, size_t channels, size_t taps, size_t merged, size_t columns,
                    int8_t *packed) {
    const size_t quads = (channels * merged + 3) / 4, tap_bytes = quads * columns * 4;
    for (size_t first = 0; first < outputs; first += columns, packed += taps * tap_bytes) {
        const size_t count = outputs - first < columns ? outputs - first : columns;
        memset(packed, 0, taps * tap_bytes);
        for (size_t n = 0; n < count; n++) {
            const int8_t *filter = weights + (first + n) * channels * taps * merged;
            for (size_t channel = 0; channel < channels; channel++) {
                for (size_t tap = 0; tap < taps * merged; tap++) {
                    const size_t k = tap % merged * channels + channel;
                    packed[tap / merged * tap_bytes + (k / 4 * columns + n) * 4 + k % 4] = *filter++;
                }
            }
        }
    }
}

/// The channel, in a block of which `count` are there, at `index` of its vectors. Bytes of 16 channels are paired by
/// halves, then pairs by halves: lane l of vector j has channels 16 · l + 4 · j and the three after it. Channels that
/// fill half a block or less are there twice.
static size_t channel_at(size_t index, size_t block, size_t count) {
    const size_t lanes = block / 4, vector = index / lanes, lane = index % lanes;
    const size_t channel = lane / 4 * 16 + vector * 4 + lane % 4;
    return 2 * count <= block ? channel % (block / 2) : channel;
}

void i8_pack_depthwise(const int8_t *weights, const struct f32_window *w, size_t block, int8_t *packed) {
    const size_t positions = i8_depthwise_positions(w), groups = i8_depthwise_groups(w);
    for (size_t first = 0; first < w->channels; first += block) {
        const size_t left = w->channels - first;
        for (size_t row = 0; row < w->kernel_height; row++) {
            for (size_t column = 0; column < groups * positions; column++) {
                const size_t group = column / positions, position = column % positions;
                for (size_t i = 0; i < block * 4; i++) {
                    const size_t channel = first + channel_at(i / 4, block, left), tap = group * 4 + i % 4 - position;
                    // A negative tap has become a large one.
                    const int is_inside = channel < w->channels && tap < w->kernel_width;
                    *packed++ =
                        is_inside ? weights[(channel * w->kernel_height + row) * w->kernel_width + tap] : (int8_t)0;
                }
            }
        }
    }
}

void i8_pack_depthwise_floats(const float *values, size_t channels, size_t block, float *packed) {
    for (size_t first = 0; first < channels; first += block) {
        for (size_t i = 0; i < block; i++) {
            const size_t channel = first + channel_at(i, block, channels - first);
            *packed++ = channel < channels ? values[channel] : 0;
        }
    }
}
